import { extname } from 'node:path';
import { GatewayError } from '../model/errors.ts';
import type { AccountState } from './account.ts';
import type { Entry } from './ledger.ts';
import { openCsv } from './sinks/csv.ts';
import { openNdjson } from './sinks/ndjson.ts';

/** What is worth keeping: readings never seen before, gap records, and corrections of the clock. */
export type Keepable = Extract<Entry, { kind: 'data' | 'gap' | 'correction' }>;

/** Where a centre keeps what it receives. A broker is only told that a message has arrived after `write` returned. */
export interface Sink {
  /** Returns when the operating system has all of it; throws `failed` when it has nothing of it. */
  write(entry: Keepable): void;
  /** What earlier runs left; empty where the form has no place for it. */
  readonly accounts: readonly AccountState[];
  /** Twice is harmless. */
  close(): void;
}

const openers = {
  ndjson: openNdjson,
  csv: openCsv,
  // Loaded on demand: its native part is of no use to the others.
  sqlite: async (file: string) => (await import('./sinks/sqlite.ts')).openSqlite(file),
} satisfies Record<string, (file: string) => Sink | Promise<Sink>>;

export type SinkFormat = keyof typeof openers;
export const sinkFormats = ['ndjson', 'csv', 'sqlite'] as const satisfies readonly SinkFormat[];

const endings: Readonly<Record<string, SinkFormat>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.sqlite': 'sqlite',
  '.sqlite3': 'sqlite',
  '.db': 'sqlite',
};

/** Opens `file`, to append to what is there; its ending says the format unless `format` does. */
export async function openSink(file: string, format = endings[extname(file)]): Promise<Sink> {
  if (format === undefined) {
    const known = Object.keys(endings).join(', ');
    throw new GatewayError('usage', `${file}: the format is not known by the ending (${known}): name it with --format`);
  }
  return openers[format](file);
}
