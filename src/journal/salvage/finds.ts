import type { BatchRow } from '../batches.ts';
import { clockStates } from '../clock-state.ts';
import type { Cell, Row } from './records.ts';

// Which table a row is of can only be seen from what it holds: see schema.ts.

export type Identity = { readonly gateway: string; readonly epoch: string };
export type PointRow = { readonly number: number; readonly id: string; readonly definition: string };
export type BootRow = { readonly number: number; readonly values: readonly (string | number)[] };
export type AnchorRow = {
  readonly number: number;
  readonly boot: number;
  readonly offset: number;
  readonly state: number;
  readonly shift: number;
  readonly after: number;
};

export function identityIn({ rowid, cells }: Row): Identity | undefined {
  const [, gateway, epoch] = cells;
  const isLike = rowid === 1 && cells[0] === null && (cells.length === 3 || cells.length === 4);
  if (!isLike || typeof gateway !== 'string' || typeof epoch !== 'string') return undefined;
  return epoch.length === EPOCH_DIGITS ? { gateway, epoch } : undefined;
}

const EPOCH_DIGITS = 8;

export function pointIn({ rowid, cells }: Row): PointRow | undefined {
  const [, id, definition] = cells;
  if (cells.length !== 3 || typeof id !== 'string' || typeof definition !== 'string') return undefined;
  return isDefinitionOf(id, definition) ? { number: rowid, id, definition } : undefined;
}

function isDefinitionOf(id: string, text: string): boolean {
  try {
    return JSON.parse(text)?.id === id;
  } catch {
    return false;
  }
}

export function bootIn({ rowid, cells }: Row): BootRow | undefined {
  if (cells.length !== 8 || cells[0] !== null || typeof cells[4] !== 'string') return undefined;
  const values = cells.slice(1).filter((cell) => typeof cell === 'number' || typeof cell === 'string');
  return values.length === 7 ? { number: rowid, values } : undefined;
}

// A correction has as many columns, all numbers too, but the end of a range of sequences is no clock state, or its
// beginning no wall time: milliseconds since 1970.
const EARLIEST_OFFSET = 1e11;

export function anchorIn({ rowid, cells }: Row): AnchorRow | undefined {
  const numbers = numbersIn(cells, { columns: 6, others: 1 });
  if (numbers === undefined) return undefined;
  const at = (index: number): number => numbers[index] ?? 0;
  const [boot, offset, state, shift, after] = [at(0), at(1), at(2), at(3), at(4)];
  const isLike = offset > EARLIEST_OFFSET && clockStates[state] !== undefined;
  return isLike ? { number: rowid, boot, offset, state, shift, after } : undefined;
}

export function batchIn({ rowid, cells }: Row): BatchRow | undefined {
  const body = cells[8];
  const numbers = numbersIn(cells, { columns: 9, others: 2 });
  if (numbers === undefined || !(body instanceof Uint8Array)) return undefined;
  const at = (index: number): number => numbers[index] ?? 0;
  const [count, kind, anchor] = [at(0), at(1), at(2)];
  return { first: rowid, count, class: kind, anchor, oldest: at(3), newest: at(4), encoding: at(5), crc: at(6), body };
}

/** The numbers of a row that has so many columns, of which the first is null and `others` are no numbers. */
function numbersIn(
  cells: readonly Cell[],
  { columns, others }: { readonly columns: number; readonly others: number },
): readonly number[] | undefined {
  const numbers = cells.filter((cell) => typeof cell === 'number');
  return cells.length === columns && cells[0] === null && numbers.length === columns - others ? numbers : undefined;
}
