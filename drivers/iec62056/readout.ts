import { parseDataLines, type DataSet } from '../meter/data-lines.ts';
import type { Identification } from '../meter/identification.ts';

/** Everything that a meter says when it is read out. */
export type Readout = { readonly identification: Identification; readonly sets: readonly DataSet[] };

/** The data sets of a data block: lines up to the one with `!` alone. A sentence says why it is not to be believed. */
export function parseBlock(text: string, isChecked: boolean): readonly DataSet[] | string {
  const end = text.lastIndexOf('!');
  const block = end === -1 ? text : text.slice(0, end);
  const { sets, malformed } = parseDataLines(block);
  // Where a check vouches for the whole, a line that is no data set is the meter's own.
  if (!isChecked && malformed.length > 0) return `"${malformed[0]}" is no data set`;
  return sets.length === 0 ? 'it holds no data' : sets;
}
