import type { Database } from 'better-sqlite3';
import { clockStates, isBetter, isDoubtful } from '../../journal/clock-state.ts';
import type { ClockState } from '../../journal/journal.ts';
import type { Range } from '../../model/ranges.ts';
import type { Correction } from '../message.ts';
import type { Span } from '../store/store.ts';

// `clock` of a reading says what is known of its time where that is not for sure; see corrections.ts for the same in memory.

// All readings are looked through only where the one that was the oldest, or the newest, has moved inwards.
const MOVE_SPAN = `UPDATE account SET
  oldest = CASE WHEN @oldest > oldest OR @shift <= 0 THEN min(oldest, @oldest + @shift)
    ELSE (SELECT min(time) FROM reading WHERE account = @account) END,
  newest = CASE WHEN @newest < newest OR @shift >= 0 THEN max(newest, @newest + @shift)
    ELSE (SELECT max(time) FROM reading WHERE account = @account) END
  WHERE id = @account`;

/** Notes a correction, and gives the readings that it is meant for the times that are known by it. Twice is harmless. */
export function corrections(database: Database): (account: number, correction: Correction) => void {
  const note = database.prepare<[number, number, number, number, number, ClockState]>(
    'INSERT OR IGNORE INTO correction VALUES (?, ?, ?, ?, ?, ?)',
  );
  const within =
    'account = @account AND seq > @after AND seq <= @upto AND clock IN (SELECT value FROM json_each(@worse))';
  const trust = database.prepare(
    `UPDATE reading SET quality = 'good', reason = CASE reason WHEN 'unverified' THEN reason END
      WHERE ${within} AND clock IN (SELECT value FROM json_each(@doubtful)) AND quality = 'uncertain'
      AND (reason = 'unverified' OR (reason = 'time' AND source_time IS NULL))`,
  );
  const shift = database.prepare(`UPDATE reading SET time = time + @shift, clock = @clock WHERE ${within}`);
  const span = database.prepare<unknown[], Span | Record<keyof Span, null>>(
    `SELECT min(time) AS oldest, max(time) AS newest FROM reading WHERE ${within}`,
  );
  const move = database.prepare(MOVE_SPAN);
  return (account, { number, covers: { after, upto }, shift: milliseconds, clock }) => {
    if (note.run(account, number, after, upto, milliseconds, clock).changes === 0) return;
    const worse = JSON.stringify(clockStates.filter((state) => isBetter(clock, state)));
    const doubtful = JSON.stringify(clockStates.filter(isDoubtful));
    const moved = span.get({ account, after, upto, worse });
    if (!isDoubtful(clock)) trust.run({ account, after, upto, worse, doubtful });
    shift.run({ account, after, upto, worse, shift: milliseconds, clock });
    if (moved?.oldest != null) move.run({ account, ...moved, shift: milliseconds });
  };
}

/** The corrections of an account, in their order. */
export function readCorrections(database: Database, account: number): readonly Correction[] {
  return database
    .prepare<[number], Range & Omit<Correction, 'covers'>>(
      'SELECT number, after, upto, shift, clock FROM correction WHERE account = ? ORDER BY number',
    )
    .all(account)
    .map(({ after, upto, ...correction }) => ({ ...correction, covers: { after, upto } }));
}
