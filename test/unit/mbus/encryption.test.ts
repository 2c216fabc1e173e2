import { expect, test } from 'vitest';
import { parseAesKey } from '../../../drivers/meter/aes-key.ts';
import { encrypt, mode5Configuration, protectionOf } from '../../../drivers/mbus/encryption.ts';
import type { LongFrame } from '../../../drivers/mbus/frame.ts';
import { readTelegram, type Understood } from '../../../drivers/mbus/telegram.ts';
import { identified, telegram } from '../../support/played-mbus.ts';

const WHO = identified('12345678', { maker: 'ELS', version: 0x33, medium: 3 });

// OMS Specification, Volume 2, Annex N.2.1: a gas meter's telegram, its key and what it says.
const KEY = Buffer.from('0102030405060708090A0B0C0D0E0F11', 'hex');
const SHORT_HEADER = '2a002025';
const ENCRYPTED = '5923c95aaa26d1b2e7493b013ec4a6f6d3529b520edff0ea6defc99d6d69ebf3';

function frame(information: number, hex: string): LongFrame {
  return { kind: 'long', control: 0x08, address: 5, information, data: Buffer.from(hex, 'hex') };
}

function values(read: Understood): readonly unknown[] {
  return read.kind === 'data' ? read.records.map(({ value }) => value) : [read.kind, read.why];
}

const example = frame(0x7a, SHORT_HEADER + ENCRYPTED);

test("the specification's example is read with its key", () => {
  const read = readTelegram(example, { key: KEY, identification: WHO });
  expect(values(read)).toEqual([28_504.27, '2008-05-31T23:50:00', 0]);
});

test('without a key, with a wrong one, or without knowing who speaks, nothing is read, and it says why', () => {
  expect(values(readTelegram(example))).toEqual(['locked', 'it is encrypted (mode 5): set the `key` of the device']);
  const wrong = Buffer.alloc(16, 1);
  expect(values(readTelegram(example, { key: wrong, identification: WHO }))).toEqual([
    'locked',
    'the key does not fit this meter',
  ]);
  expect(values(readTelegram(example, { key: KEY }))).toEqual([
    'locked',
    'it is encrypted and does not say who it is: give its whole secondary address',
  ]);
  const cut = frame(0x7a, SHORT_HEADER + ENCRYPTED.slice(0, 40));
  expect(values(readTelegram(cut, { key: KEY, identification: WHO }))).toEqual([
    'locked',
    'it has 20 bytes, though 32 are said to be encrypted',
  ]);
});

test('records behind the encrypted ones are read too, and a long header says who speaks', () => {
  const records = encrypt(Buffer.from('0c1345230100', 'hex'), KEY, { identification: WHO, access: 7 });
  const said = telegram(WHO, `${records.toString('hex')}0a5a2502`, {
    access: 7,
    configuration: mode5Configuration(records),
  });
  const read = readTelegram({ ...frame(said.information, ''), data: said.data }, { key: KEY });
  expect(values(read)).toEqual([12.345, 22.5]);
});

test.each([
  [0x0000, { kind: 'none' }],
  [0x0500, { kind: 'none' }], // no block is encrypted
  [0x0520, { kind: 'mode-5', bytes: 32 }],
  [0x0710, { kind: 'other', name: 'mode 7 (AES-128 with derived keys)' }],
  [0x0210, { kind: 'other', name: 'mode 2 (DES)' }],
  [0x0d10, { kind: 'other', name: 'mode 13 (TLS)' }],
  [0xb627, { kind: 'none' }], // a signature of old
])('the configuration word %i is understood', (word, protection) => {
  expect(protectionOf(word)).toEqual(protection);
});

test('another mode is refused by its name', () => {
  const said = telegram(WHO, '0c1345230100', { configuration: 0x0710 });
  const read = readTelegram({ ...frame(said.information, ''), data: said.data }, { key: KEY });
  expect(values(read)).toEqual([
    'locked',
    'it is encrypted in mode 7 (AES-128 with derived keys), which is not read here',
  ]);
});

test('a key is 32 digits, however they are grouped', () => {
  expect(parseAesKey('0102 0304 0506 0708 090a 0b0c 0d0e 0f11')).toEqual(KEY);
  expect(parseAesKey('0102')).toBeUndefined();
  expect(parseAesKey('no key at all')).toBeUndefined();
});
