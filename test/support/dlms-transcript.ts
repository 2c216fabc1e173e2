import { readFileSync } from 'node:fs';
import { HeldWire } from './held-wire.ts';
import { sharedFixture } from './peers.ts';

type Line = { readonly side: 'client' | 'server'; readonly bytes: Buffer };

/** A recorded conversation of a client and a meter. */
export function transcript(name: string): readonly Line[] {
  const text = readFileSync(sharedFixture(`dlms/sessions/${name}.txt`), 'latin1');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [side, hex = ''] = line.split(' ');
      if (side !== 'client' && side !== 'server') throw new TypeError(`${name}: "${line}" is of neither side`);
      return { side, bytes: Buffer.from(hex, 'hex') };
    });
}

/** Plays the meter of a conversation, as long as it hears, byte for byte, what it heard when it was recorded. */
export class TranscriptWire extends HeldWire {
  readonly #lines: Line[];
  /** What was sent instead of what was recorded; nothing is answered to it. */
  surprise: { readonly sent: string; readonly recorded: string } | undefined;

  constructor(lines: readonly Line[]) {
    super();
    this.#lines = [...lines];
  }

  /** Lines that were not played yet. */
  get left(): number {
    return this.#lines.length;
  }

  override send(bytes: Buffer): void {
    super.send(bytes);
    const recorded = this.#lines.shift()?.bytes.toString('hex') ?? 'nothing';
    if (recorded !== bytes.toString('hex')) {
      this.surprise ??= { sent: bytes.toString('hex'), recorded };
      return;
    }
    while (this.#lines[0]?.side === 'server') this.deliver(this.#lines.shift()?.bytes ?? Buffer.alloc(0));
  }
}
