import type { Clock } from '../model/clock.ts';

// The other screen of the terminal, so that what was there comes back; lines too long are cut instead of wrapped.
const ENTER = '\x1b[?1049h\x1b[?7l\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?7h\x1b[?1049l';
const CLEAR = '\x1b[H\x1b[J';
const ROWS = 24; // of a terminal that does not say

/** What a screen of so many rows shows now; what it holds beyond them is not shown. */
type Draw = (rows: number) => Promise<string>;

/** Shows what `draw` returns on a screen of its own, again every `period` milliseconds, until it is disposed. */
export function liveScreen(draw: Draw, period: number, clock: Clock): Disposable {
  let isShown = true;
  let cancel: (() => void) | undefined;
  const redraw = async (): Promise<void> => {
    const rows = process.stdout.rows || ROWS;
    const lines = (await draw(rows)).split('\n');
    if (!isShown) return;
    process.stdout.write(CLEAR + lines.slice(0, rows).join('\n'));
    cancel = clock.after(period, () => void redraw());
  };
  process.stdout.write(ENTER);
  void redraw();
  return {
    [Symbol.dispose]: () => {
      isShown = false;
      cancel?.();
      process.stdout.write(LEAVE);
    },
  };
}
