import { playedValue } from '../meter/played-values.ts';
import type { Attribute } from './apdu.ts';
import { encodeCosemTime, instantOfCosem, parseCosemTime } from './cosem-time.ts';
import type { Data } from './data.ts';
import { captureObject } from './load-profile.ts';
import { objectList, type PlayedObject } from './played-object.ts';

// What the played meter is: one of a household with solar modules.

type Register = { readonly name: string; readonly unit: string; readonly number: number; readonly scaler: number };

// Numbers of units by IEC 62056-62.
const REGISTERS: readonly Register[] = [
  { name: '1-0:1.8.0', unit: 'W.h', number: 30, scaler: 0 },
  { name: '1-0:2.8.0', unit: 'W.h', number: 30, scaler: 0 },
  { name: '1-0:1.7.0', unit: 'W', number: 27, scaler: 0 },
  { name: '1-0:2.7.0', unit: 'W', number: 27, scaler: 0 },
  { name: '1-0:32.7.0', unit: 'V', number: 35, scaler: -1 },
  { name: '1-0:52.7.0', unit: 'V', number: 35, scaler: -1 },
  { name: '1-0:72.7.0', unit: 'V', number: 35, scaler: -1 },
  { name: '1-0:31.7.0', unit: 'A', number: 33, scaler: -2 },
  { name: '1-0:51.7.0', unit: 'A', number: 33, scaler: -2 },
  { name: '1-0:71.7.0', unit: 'A', number: 33, scaler: -2 },
  { name: '1-0:14.7.0', unit: 'Hz', number: 44, scaler: -2 },
];

const LOAD_PROFILE = '1-0:99.1.0';
const CLOCK = '0-0:1.0.0';
const CAPTURED = ['1-0:1.8.0', '1-0:2.8.0'] as const;
const PERIOD = 900; // seconds
const MOST_ROWS = 10_000;

/** The objects of a meter with a load profile of 10 000 quarters of an hour. `id` takes the place of chance. */
export function playedObjects(id: string, serial: string): readonly PlayedObject[] {
  const objects = [
    text('0-0:42.0.0', `WIR${serial.padStart(13, '0')}`),
    text('0-0:96.1.0', serial),
    text('1-0:0.2.0', '1.0.0'),
    clock,
    ...REGISTERS.map((register) => measuring(id, register)),
    loadProfile(id),
  ];
  const association: PlayedObject = {
    classId: 15,
    name: '0-0:40.0.0',
    attributes: new Map([[2, () => objectList([...objects, association])]]),
  };
  return [...objects, association];
}

function text(name: string, content: string): PlayedObject {
  return { classId: 1, name, attributes: new Map([[2, () => octets(Buffer.from(content, 'latin1'))]]) };
}

function octets(bytes: Buffer): Data {
  return { type: 'octets', bytes };
}

const clock: PlayedObject = {
  classId: 8,
  name: CLOCK,
  attributes: new Map([[2, (seconds: number) => octets(timeAt(seconds))]]),
};

/** Such a meter shows UTC, and says so. */
function timeAt(seconds: number): Buffer {
  return encodeCosemTime(Math.floor(seconds) * 1_000, { offset: 0, deviation: 0 });
}

function measuring(id: string, register: Register): PlayedObject {
  const { name, number, scaler } = register;
  return {
    classId: 3,
    name,
    attributes: new Map<number, (seconds: number) => Data>([
      [2, (seconds) => ({ type: 'int64', value: rawOf(id, register, seconds) })],
      [3, () => scale(scaler, number)],
    ]),
  };
}

function rawOf(id: string, { name, unit, scaler }: Register, seconds: number): bigint {
  return playedValue(id, name, unit, scaler).raw(seconds);
}

function scale(scaler: number, unit: number): Data {
  return {
    type: 'structure',
    items: [
      { type: 'int8', value: scaler },
      { type: 'enum', value: unit },
    ],
  };
}

function loadProfile(id: string): PlayedObject {
  const captured = CAPTURED.flatMap((name) => REGISTERS.filter((register) => register.name === name));
  const row = (seconds: number): Data => ({
    type: 'structure',
    items: [
      octets(timeAt(seconds)),
      ...captured.map((register): Data => ({ type: 'uint32', value: Number(rawOf(id, register, seconds)) })),
    ],
  });
  return {
    classId: 7,
    name: LOAD_PROFILE,
    attributes: new Map<number, (seconds: number) => Data>([
      [2, (seconds) => rows(row, oldest(seconds), seconds)],
      [
        3,
        () => ({
          type: 'array',
          items: [
            captureObject({ classId: 8, name: CLOCK, index: 2 }),
            ...CAPTURED.map((name) => captureObject({ classId: 3, name, index: 2 })),
          ],
        }),
      ],
      [4, () => ({ type: 'uint32', value: PERIOD })],
      [7, () => ({ type: 'uint32', value: MOST_ROWS })],
      [8, () => ({ type: 'uint32', value: MOST_ROWS })],
    ]),
    select: (attribute, seconds) => {
      const span = spanOf(attribute);
      if (span === undefined) return undefined;
      return rows(row, Math.max(span.from, oldest(seconds)), Math.min(span.to, seconds));
    },
  };
}

function oldest(seconds: number): number {
  return seconds - MOST_ROWS * PERIOD;
}

/** The rows of the quarters that ended from `from` up to `to`. */
function rows(row: (seconds: number) => Data, from: number, to: number): Data {
  const first = Math.ceil(from / PERIOD);
  const last = Math.floor(to / PERIOD);
  return {
    type: 'array',
    items: Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => row((first + index) * PERIOD)),
  };
}

const BY_RANGE = 1;

function spanOf({ selection }: Attribute): { readonly from: number; readonly to: number } | undefined {
  if (selection?.selector !== BY_RANGE || !('items' in selection.parameters)) return undefined;
  const [, from, to] = selection.parameters.items.map(secondsOf);
  return from === undefined || to === undefined ? undefined : { from, to };
}

function secondsOf(data: Data): number | undefined {
  const time = 'bytes' in data ? parseCosemTime(data.bytes) : undefined;
  const instant = time === undefined ? undefined : instantOfCosem(time, { reading: 'deviation', zone: 'UTC' });
  return instant === undefined ? undefined : instant / 1_000;
}
