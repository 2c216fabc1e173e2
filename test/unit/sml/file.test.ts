import { describe, expect, test } from 'vitest';
import { encodeFile, unsigned, type SentEntry } from '../../../drivers/sml/encode.ts';
import { parseFile, type SmlList } from '../../../drivers/sml/file.ts';
import { SmlFramer, type Checksum } from '../../../drivers/sml/framer.ts';
import { encodeNode, SmlFault, SmlReader, type SmlNode } from '../../../drivers/sml/tree.ts';
import { valuesOf, type Deviation } from '../../../drivers/sml/values.ts';
import { obis, SERVER, smlFile } from '../../support/sml-telegrams.ts';

function listsIn(frame: Buffer, accepted?: readonly Checksum[]): readonly SmlList[] {
  const [piece] = new SmlFramer(accepted).push(frame);
  if (piece?.kind !== 'file') throw new Error('that is no file');
  return parseFile(piece.messages, accepted);
}

function valueIn(entry: SentEntry, deviates: readonly Deviation[] = []): unknown {
  const [list] = listsIn(encodeFile({ server: SERVER, index: 1, entries: [entry] }));
  return list === undefined ? undefined : valuesOf(list, new Set(deviates))[0];
}

function said(hex: string): unknown {
  return valueIn({ obis: obis('1-0:96.1.0'), value: { kind: 'octets', bytes: Buffer.from(hex, 'hex') } });
}

const integer = (value: bigint, size: number, signed = true): SmlNode => ({ kind: 'integer', value, signed, size });

describe('a value of SML', () => {
  test.each([
    ['52ff', { kind: 'integer', value: -1n, signed: true, size: 1 }],
    ['62ff', { kind: 'integer', value: 255n, signed: false, size: 1 }],
    ['54ffd8f0', { kind: 'integer', value: -10_000n, signed: true, size: 3 }],
    ['56ffffffffff', { kind: 'integer', value: -1n, signed: true, size: 5 }],
    ['58ff9c0000000000', { kind: 'integer', value: -(100n << 40n), signed: true, size: 7 }],
    ['59ffffffffffffffff', { kind: 'integer', value: -1n, signed: true, size: 8 }],
    ['69ffffffffffffffff', { kind: 'integer', value: 2n ** 64n - 1n, signed: false, size: 8 }],
    ['4200', { kind: 'boolean', on: false }],
    ['42ff', { kind: 'boolean', on: true }],
    ['0341 42'.replace(' ', ''), { kind: 'octets', bytes: Buffer.from('AB') }],
    ['01', { kind: 'absent' }],
    ['72620101', { kind: 'list', items: [integer(1n, 1, false), { kind: 'absent' }] }],
    ['8102' + '41'.repeat(16), { kind: 'octets', bytes: Buffer.from('A'.repeat(16)) }],
  ])('%s is read for what it is', (hex, node) => {
    const reader = new SmlReader(Buffer.from(hex, 'hex'));
    expect(reader.node()).toEqual(node);
    expect(reader.atEnd).toBe(true);
  });

  test.each([
    '',
    '02',
    '52',
    '6a00',
    '5a',
    '43ffff',
    '20',
    '1f',
    '00',
    '8181818101',
    '7f',
    '72' + '72'.repeat(20),
    '61',
  ])('%s is none', (hex) => expect(() => new SmlReader(Buffer.from(hex, 'hex')).node()).toThrow(SmlFault));

  test.each([0, 1, 13, 14, 15, 16, 252, 253, 254, 255, 300, 5_000])(
    'of %i bytes has the length that it says',
    (length) => {
      const node: SmlNode = length === 0 ? { kind: 'absent' } : { kind: 'octets', bytes: Buffer.alloc(length, 7) };
      expect(new SmlReader(encodeNode(node)).node()).toEqual(node);
    },
  );

  test('is its number times ten to its scaler, exactly, in its unit', () => {
    expect(valueIn({ obis: obis('1-0:1.8.0'), unit: 30, scaler: -1, value: integer(224_624_136n, 8) })).toMatchObject({
      register: '1-0:1.8.0',
      content: { kind: 'number', decimal: { mantissa: 224_624_136n, places: 1 }, unit: 'W.h' },
      time: null,
    });
    expect(valueIn({ obis: obis('1-0:1.8.0'), unit: 30, scaler: 3, value: integer(5n, 2, false) })).toMatchObject({
      content: { decimal: { mantissa: 5_000n, places: 0 } },
    });
  });

  test('is text where its bytes are one, else hexadecimal, and the number printed on the meter where they mean that', () => {
    expect(said('0a014553591100a3f0c1')).toMatchObject({ content: { text: '1ESY1110744001' } });
    expect(said('455359')).toMatchObject({ content: { text: 'ESY' } });
    expect(said('0102ff')).toMatchObject({ content: { text: '0102FF' } });
  });

  test.each([
    ['an instant', [unsigned(2, 1), unsigned(1_665_064_214, 4)], 1_665_064_214_000],
    [
      'a local instant',
      [unsigned(3, 1), { kind: 'list', items: [unsigned(1_665_064_214, 4), integer(60n, 2), integer(60n, 2)] }],
      1_665_064_214_000,
    ],
    ['an instant that was never set', [unsigned(2, 1), unsigned(0, 4)], null],
    ['seconds since it was switched on', [unsigned(1, 1), unsigned(99, 4)], null],
  ] as const)('of the kind %s has its own time', (_, items, time) => {
    expect(valueIn({ obis: obis('1-0:1.8.0'), time: { kind: 'list', items }, value: unsigned(1, 1) })).toMatchObject({
      time,
    });
  });

  test('that the meter leaves out is not available', () => {
    expect(valueIn({ obis: obis('1-0:1.8.0'), value: { kind: 'absent' } })).toMatchObject({
      content: { kind: 'none', reason: 'not-available' },
    });
  });

  test('the status word goes along as one', () => {
    const [list] = listsIn(smlFile({ energy: 1n, power: 1 }));
    const values = list === undefined ? [] : valuesOf(list, new Set());
    expect(values.at(-1)).toMatchObject({ register: '0-0:96.5.0', content: { kind: 'text', text: '0x182' } });
  });
});

describe('a meter that deviates', () => {
  test('by unsigned-power means a negative number as a large one, of the power alone', () => {
    const power: SentEntry = { obis: obis('1-0:16.7.0'), unit: 27, scaler: -2, value: integer(-29_912n, 2) };
    expect(valueIn(power)).toMatchObject({ content: { decimal: { mantissa: -29_912n, places: 2 } } });
    expect(valueIn(power, ['unsigned-power'])).toMatchObject({
      content: { decimal: { mantissa: 35_624n, places: 2 } },
    });
    expect(valueIn({ ...power, obis: obis('1-0:36.7.0') }, ['unsigned-power'])).toMatchObject({
      content: { decimal: { mantissa: -29_912n } },
    });
  });

  test('by kermit-checksum is understood where that is switched on', () => {
    const frame = smlFile({ energy: 1n, power: 1 }, [], { checksum: 'kermit' });
    expect(listsIn(frame, ['x25', 'kermit'])).toHaveLength(1);
    expect(() => listsIn(frame)).toThrow('that is no file');
  });
});

test('nothing of a file is believed of which one message is spoilt', () => {
  const [piece] = new SmlFramer().push(smlFile({ energy: 1n, power: 1 }));
  const messages = piece?.kind === 'file' ? piece.messages : Buffer.alloc(0);
  expect(parseFile(messages)).toHaveLength(1);
  for (let place = 0; place < messages.length; place += 1) {
    const spoilt = Buffer.from(messages);
    spoilt.writeUInt8(spoilt.readUInt8(place) ^ 0x10, place);
    expect(() => parseFile(spoilt), `byte ${place}`).toThrow(SmlFault);
  }
});
