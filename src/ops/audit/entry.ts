import { createHash } from 'node:crypto';
import { z } from 'zod';

// The audit log is JSON lines, each of which ends with the hash of the line before it and its own: whoever changes one
// must change all that follow, and the newest hash is known elsewhere (the centre, the file of the head).

/** What an entry says, flat: it must be readable by people and by programs in twenty years. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The newest entry: its number, counted from 1 over all files, and its hash. */
export type Head = { readonly number: number; readonly hash: string };

export type AuditEntry = {
  readonly number: number;
  /** ISO 8601 UTC, by the clock of the machine. */
  readonly time: string;
  readonly event: string;
  readonly detail: AuditDetail;
  /** Hash of the entry before, in hex. */
  readonly previous: string;
  readonly hash: string;
};

/** What the first entry of all follows. */
export const GENESIS: Head = { number: 0, hash: '0'.repeat(64) };

const LONGEST_TEXT = 300; // characters; what somebody sent us must not fill the log

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const headSchema = z.strictObject({ number: z.int().nonnegative(), hash: hashSchema });

const entrySchema = z.strictObject({
  number: z.int().positive(),
  time: z.string(),
  event: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  previous: hashSchema,
  hash: hashSchema,
});

/** The line that follows `head`, without its newline, and the head that it makes. */
export function sealEntry(
  head: Head,
  { time, event, detail }: Pick<AuditEntry, 'time' | 'event' | 'detail'>,
): { readonly line: string; readonly head: Head } {
  const number = head.number + 1;
  const body = JSON.stringify({ number, time, event, detail: shortened(detail), previous: head.hash }).slice(0, -1);
  const hash = hashOf(body);
  return { line: `${body},"hash":"${hash}"}`, head: { number, hash } };
}

/** The entry in `line`; undefined where it is none, or is not what its own hash says. */
export function openEntry(line: string): AuditEntry | undefined {
  const parsed = entrySchema.safeParse(jsonOf(line));
  if (!parsed.success) return undefined;
  // The hash is over the bytes as they stand there, so that nothing can be written in a second way.
  const ending = `,"hash":"${parsed.data.hash}"}`;
  const isWhole = line.endsWith(ending) && hashOf(line.slice(0, -ending.length)) === parsed.data.hash;
  return isWhole ? parsed.data : undefined;
}

/** SHA-256 in hex. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function shortened(detail: AuditDetail): AuditDetail {
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value,
    ]),
  );
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
