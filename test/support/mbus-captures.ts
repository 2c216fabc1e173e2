import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A record as another decoder read it. */
export type ExpectedRecord = {
  readonly function: string;
  readonly storage: number | null;
  readonly tariff: number;
  readonly device: number;
  readonly quantity: string | null;
  readonly unit: string;
  readonly value: number | string | null;
  readonly kind: 'number' | 'time' | 'text' | 'raw' | 'none';
  readonly confirmed: boolean;
};

export type MbusCapture = {
  readonly name: string;
  readonly bytes: Buffer;
  readonly slave: {
    readonly id: string;
    readonly manufacturer: string | null;
    readonly version: number | null;
    readonly accessNumber: number;
  };
  readonly records: readonly ExpectedRecord[];
};

/** Real meters' answers live beside the repository, not in it: they are other people's. */
const FOLDER = join(import.meta.dirname, '../../../shared/fixtures/mbus');

export const hasCaptures = existsSync(FOLDER);

function bytesOf(path: string): Buffer {
  return Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
}

/** Answers of real meters with what they mean. */
export function mbusCaptures(): readonly MbusCapture[] {
  return readdirSync(join(FOLDER, 'raw')).map((file) => {
    const name = file.replace(/\.hex$/, '');
    const expected = JSON.parse(readFileSync(join(FOLDER, 'expect', `${name}.json`), 'utf8'));
    return { name, bytes: bytesOf(join(FOLDER, 'raw', file)), slave: expected.slave, records: expected.records };
  });
}

/** Defective ones. */
export function brokenMbusFrames(): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const folder = join(FOLDER, 'errors');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hex'))
    .map((file) => ({ name: file.replace(/\.hex$/, ''), bytes: bytesOf(join(folder, file)) }));
}
