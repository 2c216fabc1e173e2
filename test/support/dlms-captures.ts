import { readdirSync, readFileSync } from 'node:fs';
import type { Data } from '../../drivers/dlms/data.ts';
import { encodeFrame } from '../../drivers/dlms/hdlc-frame.ts';
import { sharedFixture } from './peers.ts';

/** A value of a captured list, as others read it. */
type ExpectedReading = {
  readonly obis: string;
  readonly type: string;
  readonly value: unknown;
  readonly scaler?: number;
  readonly unit?: number;
};

export type Expected = {
  readonly container: 'hdlc' | 'llc';
  readonly longInvokeIdAndPriority: string;
  readonly dateTime: { readonly raw: string } | null;
  readonly body: Tree;
  readonly readings: readonly ExpectedReading[];
  readonly amshanDecoded?: Readonly<Record<string, string | number>>;
};

export type Tree = { readonly t: string; readonly v?: unknown };

export type Capture = {
  readonly name: string;
  /** As HDLC frames, with their flags. */
  readonly frames: Buffer;
  readonly expected: Expected;
};

/** What meters pushed, each as one or more HDLC frames; those that were saved without are put into one. */
export function pushedCaptures(): readonly Capture[] {
  return readdirSync(sharedFixture('dlms/raw')).map((file) => {
    const name = file.replace('.hex', '');
    const raw = Buffer.from(readFileSync(sharedFixture(`dlms/raw/${file}`), 'latin1').trim(), 'hex');
    const expected: Expected = JSON.parse(readFileSync(sharedFixture(`dlms/expect/${name}.json`), 'utf8'));
    return { name, frames: expected.container === 'hdlc' ? raw : framed(raw), expected };
  });
}

/** In a frame as Norwegian meters use it: from the logical device 1 with physical address 65, unnumbered. */
export function framed(information: Buffer): Buffer {
  const destination = Buffer.of(0x41);
  return encodeFrame({ destination, source: Buffer.of(0x08, 0x83), control: 0x13, segmented: false, information });
}

/** A value as the captures write it. */
export function treeOf(data: Data): Tree {
  if (data.type === 'null') return { t: 'null' };
  if ('items' in data) return { t: data.type, v: data.items.map(treeOf) };
  if ('bytes' in data) return { t: data.type, v: data.bytes.toString('hex') };
  return { t: data.type, v: 'text' in data ? data.text : data.value };
}
