import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFixture } from './peers.ts';

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

function bytesOf(path: string): Buffer {
  return Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
}

/** Answers of real meters with what they mean. */
export function mbusCaptures(): readonly MbusCapture[] {
  const folder = sharedFixture('mbus');
  return readdirSync(join(folder, 'raw')).map((file) => {
    const name = file.replace(/\.hex$/, '');
    const expected = JSON.parse(readFileSync(join(folder, 'expect', `${name}.json`), 'utf8'));
    return { name, bytes: bytesOf(join(folder, 'raw', file)), slave: expected.slave, records: expected.records };
  });
}

/** Defective ones. */
export function brokenMbusFrames(): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const folder = sharedFixture('mbus/errors');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hex'))
    .map((file) => ({ name: file.replace(/\.hex$/, ''), bytes: bytesOf(join(folder, file)) }));
}
