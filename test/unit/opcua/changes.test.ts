import {
  BinaryStream,
  DataChangeNotification,
  DataType,
  DataValue,
  getStatusCodeFromCode,
  LocalizedText,
  StatusCodes,
  Variant,
  VariantArrayType,
} from 'node-opcua';
import { beforeAll, describe, expect, test } from 'vitest';
import { changesIn, changesOf, type Changes } from '../../../drivers/opcua/changes.ts';
import { loadOpcua, type Library } from '../../../src/wire/opcua-library.ts';
import { decodeContent } from '../../../src/wire/opcua-notifications.ts';
import { randomNumbers, type RandomNumbers } from '../../support/random-numbers.ts';

let library: typeof Library;

beforeAll(async () => {
  library = await loadOpcua();
}, 60_000);

const MEASURED = new Date('2026-11-22T09:15:00.123Z');

const values: Readonly<Record<string, DataValue>> = {
  nothing: new DataValue({ statusCode: StatusCodes.BadNoCommunication }),
  null: good({ dataType: DataType.Null }),
  bool: good({ dataType: DataType.Boolean, value: true }),
  sbyte: good({ dataType: DataType.SByte, value: -128 }),
  byte: good({ dataType: DataType.Byte, value: 255 }),
  int16: good({ dataType: DataType.Int16, value: -32_768 }),
  uint16: good({ dataType: DataType.UInt16, value: 65_535 }),
  int32: good({ dataType: DataType.Int32, value: -2_147_483_648 }),
  uint32: good({ dataType: DataType.UInt32, value: 4_294_967_295 }),
  int64: good({ dataType: DataType.Int64, arrayType: VariantArrayType.Scalar, value: [0x8000_0000, 1] }),
  uint64: good({ dataType: DataType.UInt64, arrayType: VariantArrayType.Scalar, value: [0xffff_ffff, 0xffff_fffe] }),
  float: good({ dataType: DataType.Float, value: 0.5 }),
  double: good({ dataType: DataType.Double, value: -21.5 }),
  nan: good({ dataType: DataType.Double, value: NaN }),
  text: good({ dataType: DataType.String, value: 'läuft' }),
  time: good({ dataType: DataType.DateTime, value: MEASURED }),
  bytes: good({ dataType: DataType.ByteString, value: Buffer.from('01ff', 'hex') }),
  localized: good({ dataType: DataType.LocalizedText, value: new LocalizedText({ text: 'Kessel', locale: 'de' }) }),
  array: good({ dataType: DataType.Double, arrayType: VariantArrayType.Array, value: new Float64Array([1, 2]) }),
  matrix: good({
    dataType: DataType.Int32,
    arrayType: VariantArrayType.Matrix,
    dimensions: [2, 1],
    value: new Int32Array([3, 4]),
  }),
  picoseconds: new DataValue({
    value: { dataType: DataType.Double, value: 1 },
    statusCode: StatusCodes.UncertainLastUsableValue,
    sourceTimestamp: MEASURED,
    sourcePicoseconds: 123_450,
    serverTimestamp: MEASURED,
    serverPicoseconds: 70,
  }),
  'the latest time': new DataValue({
    value: { dataType: DataType.Double, value: 1 },
    sourceTimestamp: new Date('9999-12-31T23:59:59.999Z'),
    serverTimestamp: new Date('1601-01-01T00:00:00.000Z'),
  }),
};

function good(value: ConstructorParameters<typeof Variant>[0]): DataValue {
  return new DataValue({
    value: new Variant(value),
    sourceTimestamp: MEASURED,
    serverTimestamp: new Date(MEASURED.getTime() + 5),
  });
}

/** The content of a notification with these values, whose handles count from 1. */
function contentWith(told: readonly DataValue[]): Buffer {
  const stream = new BinaryStream(64 * 1_024);
  const monitoredItems = told.map((value, index) => ({ clientHandle: index + 1, value }));
  new DataChangeNotification({ monitoredItems, diagnosticInfos: [] }).encode(stream);
  return stream.buffer.subarray(0, stream.length);
}

type Told = { readonly handle: number; readonly status: number; readonly times: readonly number[]; value: unknown };

/** What is told, as values that can be compared; the error where there is one. */
function tellAll(changes: () => Changes): readonly Told[] | 'malformed' {
  const told: Told[] = [];
  try {
    changes()((handle, { status, sourceTime, serverTime, value: { dataType, arrayType, value, dimensions } }) => {
      const comparable = value instanceof Object && 'toJSON' in value ? JSON.stringify(value) : value;
      told.push({
        handle,
        // The stack takes a status that it does not know for Bad; we keep it.
        status: getStatusCodeFromCode(status).value,
        times: [sourceTime, serverTime],
        value: [dataType, arrayType, comparable, dimensions],
      });
    });
  } catch (error) {
    expect(error).toMatchObject({ code: 'answer-malformed' });
    return 'malformed';
  }
  return told;
}

const ours = (content: Buffer) => tellAll(() => changesOf(library, content));
const theirs = (content: Buffer) => tellAll(() => changesIn(decodeContent(library, content)));

describe('the content of a notification is read as the stack reads it', () => {
  test.each(Object.entries(values))('%s', (_name, value) => {
    const told = ours(contentWith([value, value]));
    expect(told).toEqual(theirs(contentWith([value, value])));
    expect(told).toMatchObject([{ handle: 1 }, { handle: 2 }]);
  });

  test('all at once, none, and no list at all', () => {
    const all = contentWith(Object.values(values));
    expect(ours(all)).toEqual(theirs(all));
    expect(ours(all)).toHaveLength(Object.keys(values).length);
    expect(ours(contentWith([]))).toEqual([]);
    expect(ours(Buffer.from('ffffffffffffffff', 'hex'))).toEqual([]);
  });

  test('every millisecond and every tick of 100 ns falls on the same millisecond', () => {
    const random = randomNumbers(1_601);
    const content = contentWith([good({ dataType: DataType.Double, value: 1 })]);
    const source = 4 + 4 + 1 + 9; // after count, handle, mask and value
    for (let round = 0; round < 500; round++) {
      content.writeUInt32LE(random.below(2 ** 32), source);
      content.writeUInt32LE(random.below(2 ** 31), source + 4);
      expect(ours(content)).toEqual(theirs(content));
    }
  });

  test('cut off anywhere, it is malformed', () => {
    const content = contentWith(Object.values(values));
    for (let length = 0; length < content.length; length++) expect(ours(content.subarray(0, length))).toBe('malformed');
  });

  test('mutated, it is what the stack makes of it, or malformed', () => {
    const random = randomNumbers(62_541);
    const content = contentWith(Object.values(values));
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const mutated = mutate(content, random);
      const told = ours(mutated);
      if (told === 'malformed') refused += 1;
      expect(told, mutated.toString('hex')).toEqual(theirs(mutated));
    }
    expect(refused).toBeGreaterThan(300);
    expect(refused).toBeLessThan(2_700);
  }, 60_000);
});

/** One to three bytes are others. */
function mutate(content: Buffer, random: RandomNumbers): Buffer {
  const mutated = Buffer.from(content);
  for (let count = 1 + random.below(3); count > 0; count--) {
    mutated[random.below(content.length)] = random.below(256);
  }
  return mutated;
}
