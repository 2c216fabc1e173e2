import { extname } from 'node:path';
import { GatewayError } from '../model/errors.ts';
import type { AccountState } from './account.ts';
import type { Entry } from './ledger.ts';
import { openCsv } from './sinks/csv.ts';
import { openNdjson } from './sinks/ndjson.ts';

/** What is worth keeping: readings never seen before, gap records, and corrections of the clock. */
export type Keepable = Extract<Entry, { kind: 'data' | 'gap' | 'correction' }>;

/** Where a centre keeps what it receives. A broker is only told that a message has arrived when it is kept. */
export interface Sink {
  /**
   * Returns, or resolves, when all of it is kept; throws, or rejects with, `output-failed` when nothing of it is. Called
   * again before the last call has resolved: what came first is kept first.
   */
  write(entry: Keepable): void | Promise<void>;
  /** What earlier runs left; empty where the form has no place for it. */
  readonly accounts: readonly AccountState[];
  /** Twice is harmless. */
  close(): void | Promise<void>;
}

const openers = {
  ndjson: openNdjson,
  csv: openCsv,
} satisfies Record<string, (file: string) => Sink>;

export type SinkFormat = keyof typeof openers;
export const sinkFormats = ['ndjson', 'csv'] as const satisfies readonly SinkFormat[];

const endings: Readonly<Record<string, SinkFormat>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
};

/** Opens `file`, to append to what is there; its ending says the format unless `format` does. */
export function openSink(file: string, format = endings[extname(file)]): Sink {
  if (format === undefined) {
    const known = Object.keys(endings).join(', ');
    throw new GatewayError(
      'usage',
      `${file}: the format is not known by the ending (${known}): name it with --format, or use --store for a database`,
    );
  }
  return openers[format](file);
}
