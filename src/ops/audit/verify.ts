import { GENESIS, openEntry, type AuditEntry, type Head } from './entry.ts';
import type { AuditLine } from './files.ts';

/**
 * `edited`: the line is no entry, or not the one that its hash is of. `replaced`: it is an entry, and does not follow
 * the line before although its number does: one of the two was written anew. `deleted`: numbers are missing.
 * `reordered`: it stands in a wrong place, or twice. `beginning`: the oldest entries are gone and no rotation says so.
 * `torn`: the file ends in the middle of it. `truncated`: entries at the end are missing that a head knows of.
 * @internal
 */
export type AuditFaultKind = 'edited' | 'replaced' | 'deleted' | 'reordered' | 'beginning' | 'torn' | 'truncated';

type AuditFault = {
  readonly kind: AuditFaultKind;
  readonly file: string;
  /** The first line that is not as it was written; for what is missing at the end, the last one that is there. */
  readonly line: number;
  /** In words. */
  readonly detail: string;
};

export type AuditVerdict = {
  /** Numbers of the first and last entry that stand in unbroken order; null where there is none. */
  readonly from: number | null;
  readonly to: number | null;
  readonly head: Head | null;
  /** Entries that the gateway says it could not write: the disk was full or failed. */
  readonly missed: number;
  /** Null where all is as it was written. */
  readonly fault: AuditFault | null;
};

/** An entry that a rotation writes first into a new file says up to which number entries were given up. */
export const ROTATED = 'audit-rotated';

/** An entry that says how many others could not be written before it. */
export const MISSED = 'audit-missed';

/** An entry that says that the log ended too early when the gateway came back to it. */
export const TRUNCATED = 'audit-truncated';

/**
 * Whether `lines`, oldest first, are what was written, all of it, and in that order. `heads` are what others know: an
 * entry by its number and hash that must be there.
 */
export function verifyLines(lines: readonly AuditLine[], heads: readonly Head[] = []): AuditVerdict {
  const entries: AuditEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const entry = line.whole ? openEntry(line.text) : undefined;
    const fault = entry === undefined ? unreadable(line) : misplaced(entry, entries.at(-1), { line, lines, index });
    if (fault !== undefined) return verdict(entries, fault);
    if (entry !== undefined) entries.push(entry);
  }
  return verdict(entries, beginningFault(lines, entries) ?? endFault(lines, entries, heads) ?? null);
}

function verdict(entries: readonly AuditEntry[], fault: AuditFault | null): AuditVerdict {
  const last = entries.at(-1);
  return {
    from: entries[0]?.number ?? null,
    to: last?.number ?? null,
    head: last === undefined ? null : { number: last.number, hash: last.hash },
    missed: entries.reduce((sum, { event, detail }) => sum + (event === MISSED ? Number(detail['entries']) : 0), 0),
    fault,
  };
}

function unreadable({ file, line, whole }: AuditLine): AuditFault {
  return whole
    ? { kind: 'edited', file, line, detail: 'it is not the entry that its hash was made of' }
    : { kind: 'torn', file, line, detail: 'the file ends in the middle of it, as after a power cut' };
}

type Placed = { readonly line: AuditLine; readonly lines: readonly AuditLine[]; readonly index: number };

function misplaced(entry: AuditEntry, before: AuditEntry | undefined, placed: Placed): AuditFault | undefined {
  const { file, line } = placed.line;
  if (entry.event === TRUNCATED) {
    const detail = `when the gateway came back, the entries ${entry.number} to ${entry.detail['known']} were gone`;
    return { kind: 'truncated', file, line, detail };
  }
  // What the oldest line followed is gone with its file.
  if (before === undefined) return undefined;
  const expected = before.number + 1;
  if (entry.number === expected && entry.previous === before.hash) return undefined;
  if (entry.number === expected) {
    const detail = `entry ${entry.number} follows another entry ${before.number} than the one before it`;
    return { kind: 'replaced', file, line, detail };
  }
  const elsewhere = placed.lines.slice(placed.index + 1).some(({ text }) => openEntry(text)?.number === expected);
  if (entry.number < expected || elsewhere) {
    return { kind: 'reordered', file, line, detail: `entry ${entry.number} stands where entry ${expected} belongs` };
  }
  const missing =
    entry.number === expected + 1 ? `entry ${expected} is` : `entries ${expected} to ${entry.number - 1} are`;
  return { kind: 'deleted', file, line, detail: `${missing} missing before entry ${entry.number}` };
}

function beginningFault(lines: readonly AuditLine[], entries: readonly AuditEntry[]): AuditFault | undefined {
  const [first] = entries;
  const [line] = lines;
  if (first === undefined || line === undefined) return undefined;
  if (first.number === 1 && first.previous === GENESIS.hash) return undefined;
  const givenUp = entries.some(({ event, detail }) => event === ROTATED && detail['dropped'] === first.number - 1);
  if (givenUp) return undefined;
  const detail = `the entries before ${first.number} are missing, and no rotation says so`;
  return { kind: 'beginning', file: line.file, line: line.line, detail };
}

function endFault(
  lines: readonly AuditLine[],
  entries: readonly AuditEntry[],
  heads: readonly Head[],
): AuditFault | undefined {
  const last = entries.at(-1)?.number ?? 0;
  const beyond = heads.find(({ number }) => number > last);
  if (beyond !== undefined) {
    const { file = '', line = 0 } = lines.at(-1) ?? {};
    return { kind: 'truncated', file, line, detail: `it ends with entry ${last}, and there were ${beyond.number}` };
  }
  const anew = entries.findIndex(({ number, hash }) =>
    heads.some((head) => head.number === number && head.hash !== hash),
  );
  const place = lines[anew];
  if (place === undefined) return undefined;
  const detail = `entry ${entries[anew]?.number} is not the one that is known elsewhere: it was written anew`;
  return { kind: 'replaced', file: place.file, line: place.line, detail };
}
