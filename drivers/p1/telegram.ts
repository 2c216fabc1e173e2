import { parseDataLines, type DataSet } from '../meter/data-lines.ts';

/** What a meter says in one telegram. */
export type Telegram = {
  readonly identification: string;
  readonly sets: readonly DataSet[];
  /** Lines that are no data; they may be there only where a checksum vouches for the others. */
  readonly malformed: readonly string[];
};

// DSMR 4 and later, e-MUCS and their kin tell their version, and end with a checksum.
const VERSIONS = ['1-3:0.2.8', '0-0:96.1.4'];

/** Reads a whole telegram; a sentence that says what is wrong with one that is not to be believed. */
export function parseTelegram(piece: {
  readonly identification: string;
  readonly data: string;
  readonly checked: boolean;
}): Telegram | string {
  const { identification, data, checked } = piece;
  const { sets, malformed } = parseDataLines(data);
  if (!checked) {
    const doubt = doubtOf(sets, malformed);
    if (doubt !== undefined) return doubt;
  }
  return { identification, sets, malformed };
}

/** Why a telegram without a checksum is not to be believed; undefined where nothing speaks against it. */
function doubtOf(sets: readonly DataSet[], malformed: readonly string[]): string | undefined {
  if (malformed.length > 0) return `without a checksum, "${malformed[0]}" shows that it is garbled`;
  if (sets.some(({ address }) => VERSIONS.includes(address))) {
    return 'it tells its version, and so has a checksum, which is missing';
  }
  // DSMR writes no group F.
  const foreign = sets.find(({ address }) => address.includes('*'));
  if (foreign === undefined) return undefined;
  return `${foreign.address} is not written as a P1 port does: such meters are read by the driver iec62056-21, mode D`;
}
