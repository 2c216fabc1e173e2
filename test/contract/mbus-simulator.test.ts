import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mbus } from '../../drivers/mbus/driver.ts';
import { encodeFrame } from '../../drivers/mbus/frame.ts';
import { requestData } from '../../drivers/mbus/requests.ts';
import type { SimulatedFault, SimulatedPoint } from '../../src/collect/simulation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HeldWire } from '../support/held-wire.ts';
import { mbusMeter, openMbus, told, type MbusDevice } from '../support/mbus-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { passing } from '../support/timing-out.ts';

const NEVER = new AbortController().signal;

type Fault = Pick<SimulatedFault, 'kind'> & Partial<SimulatedFault>;

/** Plays devices, and opens a session with them. */
async function play(devices: readonly MbusDevice[], fault?: Fault, points: readonly Partial<SimulatedPoint>[] = []) {
  const stack = new AsyncDisposableStack();
  const clock = new FakeClock({ flows: 15 });
  const known = points.map((point, index): readonly [number, SimulatedPoint] => [
    index + 1,
    { quantity: undefined, unit: undefined, kind: 'gauge', scale: 1, offset: 0, ...point },
  ]);
  const played = devices.map((device) => ({ device, points: new Map(known) }));
  const faults = fault === undefined ? [] : [{ unit: 5, rate: 1, value: undefined, ...fault }];
  const end = { transport: 'tcp', host: '127.0.0.1', port: 0 };
  const simulation = await mbus.simulate?.(played, { clock, end, faults });
  if (simulation?.address === undefined) throw new Error('it listens on the network');
  stack.use(simulation);
  const opened = stack.use(await openMbus({ ...simulation.address, timeout: '900ms', retries: 0 }, clock));
  return { ...opened, clock, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a device without points is played as a heat meter, with the months of a year', async () => {
  await using bus = await play([mbusMeter({ address: 5 })]);
  const points = (await bus.session.discover?.(mbusMeter({ address: 5, zone: 'UTC' }), NEVER)) ?? [];
  const names = points.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['heat-energy', 'heat-power', 'flow-temperature', 'serial-number']));
  expect(names.filter((name) => name.startsWith('heat-energy-storage-')).length).toBe(12);
  const meter = mbusMeter({ address: 5, zone: 'UTC' }, [
    'energy',
    'energy storage 1',
    'energy storage 12',
    'clock-deviation',
    'flow-temperature',
    'return-temperature',
  ]);
  const [now, lastMonth, lastYear, deviation, flow = 0, back = 0] = told(await bus.read(meter)).map(Number);
  expect(flow - back, 'what flows out is hotter').toBeGreaterThan(10);
  expect(
    [now, lastMonth, lastYear].toSorted((a = 0, b = 0) => b - a),
    'a counter rises',
  ).toEqual([now, lastMonth, lastYear]);
  expect(Math.abs(deviation ?? NaN), 'to the minute').toBeLessThanOrEqual(60);
});

test('on a line a long telegram comes piece by piece, in the time that its bytes take', async () => {
  const [wire, clock, STEP] = [new HeldWire(), new FakeClock(), 10];
  const played = { device: mbusMeter({ address: 5 }), points: new Map() };
  await using simulation = await mbus.simulate?.([played], { clock, end: { wire, framing: 'rtu' }, baud: 2_400 });
  expect(simulation).toBeDefined();
  wire.deliver(encodeFrame(requestData(5, true)));
  const arrivals: number[] = [];
  while (clock.pending > 0) {
    const before = wire.sent.length;
    await clock.advance(STEP);
    if (wire.sent.length > before) arrivals.push(clock.monotonic());
  }
  const bytes = Buffer.concat(wire.sent);
  expect([bytes.length > 200, bytes[1], bytes.at(-1)]).toEqual([true, bytes.length - 6, 0x16]);
  const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
  // Eleven bits a byte (EN 13757-2, 5.3), to the step.
  expect(Math.abs(last - first - ((bytes.length - 1) * 11_000) / 2_400)).toBeLessThanOrEqual(STEP);
  // A usual driver takes half a second of silence for the end of what was said.
  const pauses = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
  expect(Math.max(...pauses)).toBeLessThan(100);
});

test('what it stored is its history', async () => {
  await using bus = await play([mbusMeter({ address: 5 })]);
  const meter = mbusMeter({ address: 5, zone: 'UTC' }, ['energy', 'volume', 'power']);
  const span = { from: Date.UTC(2026, 6, 15), to: Date.UTC(2026, 9, 15) };
  const portions = await Array.fromAsync(bus.session.history?.(meter, meter.points, span, NEVER) ?? []);
  expect(portions.map(([reading]) => reading?.sourceTime)).toEqual([7, 8, 9].map((month) => Date.UTC(2026, month)));
  expect(portions.map((portion) => portion.map(({ point }) => point))).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test('points are played in their units, under the names of their records', async () => {
  const records = [
    'voltage l1',
    'power',
    'energy backward tariff 2',
    'volume max storage 3',
    'customer',
    'vif-fd-76',
    'date',
  ];
  const units = ['V', 'kW', 'W.h', 'l', undefined, undefined, undefined];
  const kinds = ['gauge', 'gauge', 'counter', 'gauge', 'text', 'state', 'text'] as const;
  const points = units.map((unit, index) => ({ unit, kind: kinds[index] ?? 'gauge' }));
  const meter = mbusMeter({ address: '12345678 KAM 01 02' }, records);
  await using bus = await play([meter], undefined, points);
  const asked = records.map((record, index) => ({ record, ...(units[index] !== undefined && { unit: units[index] }) }));
  const values = told(await bus.read(mbusMeter({ address: '12345678' }, asked)));
  const [voltage = 0, power = 0] = values.map(Number);
  expect(voltage).toBeGreaterThan(225);
  expect(voltage).toBeLessThan(235);
  expect(power).toBeLessThan(10);
  expect(values.map((value) => typeof value)).toEqual([
    'number',
    'number',
    'number',
    'number',
    'string',
    'string',
    'string',
  ]);
});

test('what cannot be played is refused', async () => {
  const point = { device: mbusMeter({ address: 5 }, ['plain-text %RH']), points: new Map([[1, SOMETHING]]) };
  const end = { transport: 'tcp', host: '127.0.0.1', port: 0 };
  const settings = { clock: new FakeClock(), end };
  await expect(mbus.simulate?.([point], settings)).rejects.toMatchObject({ code: 'usage' });
  const tls = { ...settings, end: { ...end, transport: 'tls' } };
  await expect(mbus.simulate?.([], tls)).rejects.toMatchObject({ code: 'usage' });
});

const SOMETHING: SimulatedPoint = { quantity: undefined, unit: undefined, kind: 'gauge', scale: 1, offset: 0 };

test('a meter with a key encrypts, and is read with it alone', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'key');
  await writeFile(file, '000102030405060708090A0B0C0D0E0F', { mode: 0o600 });
  await using bus = await play([mbusMeter({ address: 5, key: { file } })]);
  const records = ['energy', 'energy storage 12'];
  expect(told(await bus.read(mbusMeter({ address: 5 }, records, 'bare')))).toEqual(['not-available', 'not-available']);
  const values = told(await bus.read(mbusMeter({ address: 5, key: { file } }, records)));
  expect(values.map((value) => typeof value)).toEqual(['number', 'number']);
});

test.each<readonly [Fault, string]>([
  [{ kind: 'silent' }, 'no-answer'],
  [{ kind: 'slow', value: 5_000 }, 'no-answer'],
  [{ kind: 'checksum' }, 'malformed-answer'],
  [{ kind: 'exception' }, 'device-busy'],
  [{ kind: 'exception', value: 1 }, 'device-failure'],
  [{ kind: 'reset' }, 'no-answer'],
  [{ kind: 'noise' }, 'good'],
  [{ kind: 'echo' }, 'good'],
])('the fault %o shows as %s, and the other meter is read', async (fault, expected) => {
  await using bus = await play([mbusMeter({ address: 5 }), mbusMeter({ address: 6 })], fault);
  const faulty = await passing(bus.read(mbusMeter({ address: 5 }, ['energy'], 'faulty')), bus.clock, 100);
  expect(faulty.map(({ quality, reason }) => reason ?? quality)).toEqual([expected]);
  const healthy = await passing(bus.read(mbusMeter({ address: 6 }, ['energy'], 'healthy')), bus.clock, 100);
  expect(healthy.map(({ quality }) => quality)).toEqual(['good']);
});
