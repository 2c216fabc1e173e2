import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { startPlant, type Plant } from '../support/opcua-server.ts';
import { Ear, NEVER, OPEN, openOpcua } from '../support/opcua-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let plant: Plant;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  plant = await startPlant();
  await using _first = await open({}); // the stack takes a while to load
}, 120_000);

afterAll(async () => {
  await plant[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const node = (name: string): { node: string } => ({ node: `nsu=urn:weir:plant;s=${name}` });

function open(points: Readonly<Record<string, object>>, connection: object = {}) {
  return openOpcua({
    folder: folder.path,
    connection: { endpoint: plant.endpoint, security: OPEN, publishing: '100ms', ...connection },
    points,
  });
}

/** Readings of all points, by the names of the points. */
async function read(points: Readonly<Record<string, object>>) {
  await using opened = await open(points);
  const readings = await (opened.session as Session).read(opened.device, opened.device.points, NEVER);
  const names = Object.keys(points);
  return Object.fromEntries(readings.map((reading) => [names[reading.point - 1] ?? '', reading] as const));
}

test('every scalar type is read as it is, 64 bits exactly', async () => {
  const values: Readonly<Record<string, readonly [type: string, value: unknown]>> = {
    Bool: ['bool', true],
    SByte: ['int16', -128],
    Byte: ['uint16', 255],
    Int16: ['int16', -32_768],
    UInt16: ['uint16', 65_535],
    Int32: ['int32', -2_147_483_648],
    UInt32: ['uint32', 4_294_967_295],
    Int64Least: ['int64', -(2n ** 63n)],
    Int64Greatest: ['int64', 2n ** 63n - 1n],
    UInt64Greatest: ['uint64', 2n ** 64n - 1n],
    Float: ['float32', 0.5],
    Double: ['float64', 21.5],
    Text: ['string', 'läuft'],
    Localized: ['string', 'Kessel'],
    Time: ['string', '2026-11-22T09:15:00.000Z'],
    Guid: ['string', '72962B91-FA75-4AE6-8D28-B404DC7DAF63'],
    Bytes: ['string', '01ff'],
    State: ['string', 'Failed'],
  };
  const points = Object.fromEntries(Object.entries(values).map(([name, [type]]) => [name, { ...node(name), type }]));
  const readings = await read(points);
  for (const [name, [, value]] of Object.entries(values)) {
    expect([name, readings[name]]).toEqual([name, expect.objectContaining({ quality: 'good', value })]);
  }
});

test('what is no value of the type stays without one, and says why', async () => {
  const readings = await read({
    nan: node('NaN'),
    none: { ...node('NoText'), type: 'string' },
    wrong: { ...node('Text'), type: 'float64' },
    large: { ...node('Int64Greatest'), type: 'int32' },
    structure: node('Range'),
    missing: node('Missing'),
    elsewhere: { node: 'nsu=urn:nobody;s=x' },
  });
  expect(
    Object.fromEntries(
      Object.entries(readings).map(([name, { quality, reason, value }]) => [name, [quality, reason, value]]),
    ),
  ).toEqual({
    nan: ['bad', 'not-a-number', null],
    none: ['bad', 'not-available', null],
    wrong: ['bad', 'type-mismatch', null],
    large: ['bad', 'type-mismatch', null],
    structure: ['bad', 'type-mismatch', null],
    missing: ['bad', 'refused', null],
    elsewhere: ['bad', 'refused', null],
  });
});

test('elements of arrays and matrices, and members of structures', async () => {
  const readings = await read({
    second: { ...node('Doubles'), index: 1 },
    beyond: { ...node('Doubles'), index: 3 },
    long: { ...node('Int64s'), index: 1, type: 'int64' },
    cell: { ...node('Matrix'), index: '1,0', type: 'int32' },
    high: { ...node('Range'), member: 'high' },
    unit: { ...node('Unit'), member: 'DisplayName', type: 'string' },
    nothing: { ...node('Range'), member: 'middle' },
  });
  expect(
    Object.fromEntries(Object.entries(readings).map(([name, { reason, value }]) => [name, value ?? reason])),
  ).toEqual({
    second: 2.5,
    beyond: 'refused',
    long: -1,
    cell: 4,
    high: 40,
    unit: 'degree Celsius',
    nothing: 'refused',
  });
});

test('status and times: bad and uncertain are quality, a source that was never set is not believed', async () => {
  const readings = await read({
    bad: node('Bad'),
    uncertain: node('Uncertain'),
    old: node('Born1601'),
    young: node('Born2099'),
  });
  expect(readings['bad']).toMatchObject({ quality: 'bad', value: null, reason: 'device-failure' });
  expect(readings['uncertain']).toMatchObject({ quality: 'uncertain', value: 2, reason: 'out-of-range' });
  for (const name of ['old', 'young']) {
    expect(readings[name]).toMatchObject({ quality: 'good', value: 3, reason: 'time' });
    const ago = Date.now() - (readings[name]?.sourceTime ?? Date.now()); // that of the server, if it gives one
    expect(Math.abs(ago)).toBeLessThan(600_000);
  }
});

test('a subscription tells everything once, and then each change in order', async () => {
  await using opened = await open({ double: node('Double'), boiler: node('Boiler'), missing: node('Missing') });
  await using ear = new Ear(opened.session, opened.device);
  await ear.until(() => ear.readings.length >= 3);
  expect(ear.of('double')).toMatchObject([{ value: 21.5 }]);
  expect(ear.of('missing')).toMatchObject([{ quality: 'bad', reason: 'refused' }]);
  for (const value of [51, 52, 53]) {
    await plant.tell({ do: 'set', name: 'Boiler', value });
    await ear.until(() => ear.of('boiler').at(-1)?.value === value);
  }
  expect(ear.of('boiler').map(({ value }) => value)).toEqual([50, 51, 52, 53]);
  expect(opened.told).toMatchObject([
    { event: 'exception', detail: expect.stringContaining('BadNodeIdUnknown') as string },
  ]);
});

test('a subscription tells of elements, texts, times and members of structures as a read does', async () => {
  const points = {
    second: { ...node('Doubles'), index: 1 },
    text: { ...node('Text'), type: 'string' },
    time: { ...node('Time'), type: 'string' },
    long: { ...node('Int64Greatest'), type: 'int64' },
  };
  const told = { second: 2.5, text: 'läuft', time: '2026-11-22T09:15:00.000Z', long: 2n ** 63n - 1n };
  const high = { ...node('Range'), member: 'high' };
  for (const { more, value } of [
    { more: {}, value: {} },
    { more: { high }, value: { high: 40 } },
  ]) {
    await using opened = await open({ ...points, ...more, boiler: node('Boiler') });
    await using ear = new Ear(opened.session, opened.device);
    await ear.until(() => ear.readings.length >= opened.device.points.length);
    const before = Number(ear.of('boiler').at(-1)?.value);
    await plant.tell({ do: 'set', name: 'Boiler', value: before + 1 });
    await ear.until(() => ear.of('boiler').at(-1)?.value === before + 1);
    for (const [name, wanted] of Object.entries({ ...told, ...value })) {
      expect([name, ear.of(name).map((reading) => reading.value)]).toEqual([name, [wanted]]);
    }
  }
});

test('a trace shows each call and its answer: service, handle, result, time and size; no bytes', async () => {
  await using opened = await open({ double: node('Double'), missing: node('Missing') });
  opened.tap.listener = (frame) => opened.frames.push(frame);
  await (opened.session as Session).read(opened.device, opened.device.points, NEVER);
  const [sent, received] = opened.frames;
  expect(sent).toMatchObject({ direction: 'sent', meaning: expect.stringMatching(/^Read \d+, 2 nodes$/) as string });
  expect(received).toMatchObject({
    direction: 'received',
    meaning: expect.stringMatching(/^Read \d+, Good, \d+ ms, \d+ bytes sent, \d+ received$/) as string,
  });
  expect(opened.frames.map(({ bytes }) => bytes.length)).toEqual([0, 0]);
});

test('history: raw values in order of time over all points, by continuation, marked; what has none is left out', async () => {
  const from = Date.now() - 3_600_000;
  await plant.tell({ do: 'remember', from, step: 1_000, count: 2_500 });
  await using opened = await open({ kept: node('Historical'), again: node('Historical'), none: node('Double') });
  const { session, device } = opened;
  const span = { from: from + 9_000, to: from + 2_300_000 };
  const portions: (readonly Reading[])[] = [];
  for await (const portion of (session as Session).history?.(device, device.points, span, NEVER) ?? [])
    portions.push(portion);
  const readings = portions.flat();
  const times = readings.map(({ sourceTime }) => sourceTime ?? 0);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(Math.max(...portions.map(({ length }) => length))).toBeLessThanOrEqual(1_000);
  for (const point of [1, 2]) {
    const own = readings.filter((reading) => reading.point === point && reading.sourceTime !== span.to);
    expect(own.map(({ value }) => value)).toEqual(Array.from({ length: 2_290 }, (_, index) => index + 10));
    expect(new Set(own.map(({ reason, quality }) => `${quality} ${reason}`))).toEqual(new Set(['good historical']));
  }
  expect(readings.some(({ point }) => point === 3)).toBe(false);
});

test('history of a server that keeps no order comes to an end, with all values', async () => {
  await using other = await startPlant(); // whose newest value is the first that it has kept
  const from = Date.now() - 3_600_000;
  await other.tell({ do: 'remember', from, step: 1_000, count: 2_500 });
  await using opened = await open({ kept: node('Historical') }, { endpoint: other.endpoint });
  const { session, device } = opened;
  const span = { from: from - 1_000, to: Date.now() + 1_000 };
  const readings = await Array.fromAsync((session as Session).history?.(device, device.points, span, NEVER) ?? []);
  const values = readings.flat().map(({ value }) => Number(value));
  expect(values.toSorted((one, another) => one - another)).toEqual([
    0,
    ...Array.from({ length: 2_500 }, (_, index) => index),
  ]);
}, 60_000);

test('history of points that have none is refused', async () => {
  await using opened = await open({ none: node('Double') });
  const { session, device } = opened;
  const asked = Array.fromAsync(
    (session as Session).history?.(device, device.points, { from: 0, to: Date.now() }, NEVER) ?? [],
  );
  await expect(asked).rejects.toMatchObject({
    code: 'device-refused',
    message: expect.stringContaining('plant/none') as string,
  });
});

test('writing: each value as the type of its node, read back; what does not fit or is refused is named', async () => {
  const writable = {
    Bool: ['bool', false],
    Byte: ['uint16', 7],
    Int16: ['int16', -5],
    Int32: ['int32', 77],
    Int64Least: ['int64', 2n ** 62n + 1n],
    Double: ['float64', 22.25],
    Text: ['string', 'steht'],
  } as const;
  const points = Object.fromEntries(Object.entries(writable).map(([name, [type]]) => [name, { ...node(name), type }]));
  await using opened = await open({ ...points, element: { ...node('Doubles'), index: 2 }, fixed: node('Float') });
  const session = opened.session as Session;
  const point = (name: string) => {
    const found = opened.device.points.find(({ id }) => id === `plant/${name}`);
    if (found === undefined) throw new Error(`no point ${name}`);
    return found;
  };
  const writes = [
    ...Object.entries(writable).map(([name, [, value]]) => ({ point: point(name), value })),
    { point: point('element'), value: 9.5 },
  ];
  const held = await session.write?.(opened.device, writes, NEVER);
  expect(held?.map(({ value }) => value)).toEqual(writes.map(({ value }) => value));
  const refused = session.write?.(opened.device, [{ point: point('fixed'), value: 1 }], NEVER);
  await expect(refused).rejects.toMatchObject({
    code: 'device-refused',
    message: expect.stringContaining('plant/fixed') as string,
  });
  const tooLarge = session.write?.(opened.device, [{ point: point('Byte'), value: 256 }], NEVER);
  await expect(tooLarge).rejects.toMatchObject({
    code: 'device-refused',
    message: expect.stringContaining('256') as string,
  });
});

test('a variable that is browsed brings its unit along, and its range where the plant is within it', async () => {
  await using opened = await open({});
  const found = await (opened.session as Session).browse?.('nsu=urn:weir:plant;s=Plant', NEVER);
  const points = new Map(found?.map(({ name, point }) => [name, point]));
  expect(points.get('Conductivity')).toMatchObject({ unit: 'mS/cm', min: 0, max: 5 });
  expect(points.get('Placeholder')).toEqual({ ...node('Placeholder'), type: 'float64', unit: 'm3/h' });
  expect(points.get('Sign')).toEqual({ ...node('Sign'), type: 'float64', unit: 'kW' });
  // Celsius or coulomb: nobody can tell.
  expect(points.get('Doubtful')).toEqual({ ...node('Doubtful'), type: 'float64' });
  expect(points.get('State')).toMatchObject({ labels: { 0: 'Running', 1: 'Failed' } });
});
