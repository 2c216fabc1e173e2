import { expect, test } from 'vitest';
import { modbus } from '../../drivers/modbus/driver.ts';
import type { SimulatedPoint, Simulation } from '../../src/collect/simulation.ts';
import type { Clock } from '../../src/model/clock.ts';
import { scaling } from '../../src/model/decimal.ts';
import type { Reading } from '../../src/model/reading.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from '../support/modbus-session.ts';

const END = { transport: 'tcp', host: '127.0.0.1', port: 0 };

type Played = { readonly point: object } & Partial<SimulatedPoint>;

/** Devices of a simulation: each point as its driver reads it and as it moves. */
async function play(
  devices: readonly (readonly [ModbusDevice, readonly Played[]])[],
  clock: Clock,
): Promise<Simulation> {
  const simulation = modbus.simulate?.(
    devices.map(([device, points]) => ({
      device,
      points: new Map(
        points.map(({ quantity, unit, kind = 'gauge', scale = 1, offset = 0 }, index) => [
          index + 1,
          { quantity, unit, kind, scale, offset },
        ]),
      ),
    })),
    { end: END, clock },
  );
  if (simulation === undefined) throw new Error('modbus has a simulator');
  return simulation;
}

function addressOf({ address }: Simulation): { readonly host: string; readonly port: number } {
  if (address === undefined) throw new Error('it listens on the network');
  return address;
}

function values(readings: readonly Reading[], points: readonly Played[]): readonly number[] {
  expect(readings.map(({ quality, reason }) => reason ?? quality)).toEqual(points.map(() => 'good'));
  return readings
    .toSorted((a, b) => a.point - b.point)
    .map(({ value }, index) => {
      const { scale = 1, offset = 0 } = points[index] ?? {};
      return typeof value === 'number' ? Number(scaling(scale, offset)(value)) : Number(value);
    });
}

const METER: readonly Played[] = [
  { point: { read: 'input 0', type: 'float32' }, unit: 'V', quantity: 'voltage-l1' },
  { point: { read: 'input 2', type: 'int32', order: 'CDAB' }, unit: 'V', quantity: 'voltage-l1-l2', scale: 0.1 },
  { point: { read: 'input 4', type: 'uint16' }, unit: 'Hz', scale: 0.01 },
  { point: { read: 'input 5', type: 'float32' }, unit: 'kW' },
  { point: { read: 'input 60', type: 'int16' }, unit: 'Cel', scale: 0.1, offset: -40 },
  { point: { read: 'input 70', type: 'uint64' }, unit: 'kW.h', kind: 'counter', scale: 0.001 },
  { point: { read: 'holding 0', type: 'uint32' }, unit: 'm3', kind: 'counter' },
  { point: { read: 'holding 9', type: 'bits(4..5)' }, kind: 'state' },
  { point: { read: 'coil 3' }, kind: 'state' },
];

const PLAUSIBLE: readonly (readonly [number, number])[] = [
  [226, 234],
  [394, 403],
  [49.96, 50.04],
  [1, 5],
  [16, 26],
  [1_000, 1e6],
  [1_000, 1e6],
  [0, 1],
  [0, 1],
];

test('values are plausible, move, and counters only rise', async () => {
  const clock = new FakeClock();
  const device = modbusDevice(METER.map(({ point }) => point));
  await using simulation = await play([[device, METER]], clock);
  await using session = await openModbus(addressOf(simulation), [device], { clock });
  const history: (readonly number[])[] = [];
  for (let minute = 0; minute < 60; minute++) {
    history.push(values(await session.read(device), METER));
    await clock.advance(61_000);
  }
  METER.forEach(({ kind }, index) => {
    const course = history.map((row) => row[index] ?? Number.NaN);
    const [least = 0, greatest = 0] = PLAUSIBLE[index] ?? [];
    expect(Math.min(...course)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...course)).toBeLessThanOrEqual(greatest);
    expect(new Set(course).size).toBeGreaterThan(1);
    if (kind === 'counter') expect(course).toEqual(course.toSorted((a, b) => a - b));
  });
});

test('the same points show the same values at the same time, after a restart too', async () => {
  const device = modbusDevice(METER.map(({ point }) => point));
  const read = async (clock: Clock): Promise<readonly number[]> => {
    await using simulation = await play([[device, METER]], clock);
    await using session = await openModbus(addressOf(simulation), [device], { clock });
    return values(await session.read(device), METER);
  };
  const wall = Date.UTC(2026, 10, 22);
  expect(await read(new FakeClock({ wall }))).toEqual(await read(new FakeClock({ wall, monotonic: 77_000 })));
});

test('many units answer on one address; one that is not there gets the answer of a gateway', async () => {
  const played = Array.from({ length: 40 }, (_, index) =>
    modbusDevice([METER[0]?.point ?? {}], { unit: index + 1 }, `m${index}`),
  );
  const absent = modbusDevice([METER[0]?.point ?? {}], { unit: 99 }, 'absent');
  const clock = new FakeClock();
  await using simulation = await play(
    played.map((device) => [device, METER.slice(0, 1)]),
    clock,
  );
  await using session = await openModbus(addressOf(simulation), [...played, absent], { clock });
  const shownValues = new Set<string>();
  for (const device of played) shownValues.add(shown(device, await session.read(device)).join(' '));
  expect(shownValues.size, 'no two meters show the same').toBe(40);
  expect(shown(absent, await session.read(absent))).toEqual(['0 bad no-answer']);
});

test('between two points there are zeros, outside of them nothing', async () => {
  const played = modbusDevice(
    [
      { read: 'holding 10', type: 'string(4)' },
      { read: 'holding 20', type: 'uint16' },
    ],
    {},
    'text',
  );
  const asking = modbusDevice([9, 11, 15, 21].map((address) => ({ read: `holding ${address}`, type: 'bits(0..15)' })));
  const clock = new FakeClock();
  await using simulation = await play([[played, []]], clock);
  await using session = await openModbus(addressOf(simulation), [asking], { clock });
  const lines = shown(asking, await session.read(asking));
  expect(lines[0]).toBe('9 bad refused');
  expect(lines[1]).toBe(`11 good ${Buffer.from('text').readUInt16BE(2)}`);
  expect(lines.slice(2)).toEqual(['15 good 0', '21 bad refused']);
});

test('two devices with the same unit are a wrong usage', async () => {
  const [one, two] = [modbusDevice([], {}, 'one'), modbusDevice([], {}, 'two')];
  await expect(
    play(
      [
        [one, []],
        [two, []],
      ],
      new FakeClock(),
    ),
  ).rejects.toMatchObject({ code: 'usage', message: 'two: unit 1 is already played by another device' });
});

test('an address that is taken is told by name', async () => {
  const clock = new FakeClock();
  await using first = await play([], clock);
  await expect(modbus.simulate?.([], { end: { ...END, ...addressOf(first) }, clock })).rejects.toMatchObject({
    code: 'server-failed',
    message: `127.0.0.1:${addressOf(first).port} is in use: another program listens there`,
  });
});

test('a value and its scale factor fit together', async () => {
  const device = modbusDevice([
    { read: 'holding 0', type: 'uint16', scaleFrom: 'holding-1' },
    { read: 'holding 1', type: 'int16' },
  ]);
  const voltage: Played = { point: {}, unit: 'V', quantity: 'voltage-l1' };
  await using simulation = await play([[device, [voltage, { point: {} }]]], new FakeClock());
  await using client = await openModbus(addressOf(simulation), [device]);
  const readings = (await client.read(device)).toSorted((a, b) => a.point - b.point);
  const [value = 0, factor] = readings.map((reading) => Number(reading.value));
  expect(factor).toBe(-1);
  expect(value).toBeGreaterThan(207);
  expect(value).toBeLessThan(253);
});
