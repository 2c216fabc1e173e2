import { describe, expect, test } from 'vitest';
import { openDirectly } from '../../../src/collect/direct.ts';
import type { CollectedPoint } from '../../../src/collect/setup.ts';
import { writePoints, type GivenValues } from '../../../src/collect/writing.ts';
import type { DeviceSettings } from '../../../src/config/configuration.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { Collecting, collectedPoint } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { PlayedUnits } from '../../support/played-bus.ts';

const never = new AbortController().signal;

const points: readonly CollectedPoint[] = [
  collectedPoint('boiler', {
    name: 'setpoint',
    address: { place: 0, type: 'int16' },
    scale: 0.1,
    write: { min: 5, max: 60 },
    definition: { unit: 'Cel' },
  }),
  collectedPoint('boiler', {
    name: 'mode',
    address: { place: 1, type: 'uint16' },
    write: {},
    definition: { states: { 0: 'off', 1: 'eco' } },
  }),
  collectedPoint('boiler', { name: 'flow', address: { place: 2, type: 'int16' } }),
];

const boiler = { id: 'boiler', profile: undefined, settings: { unit: 1 }, described: undefined };

async function start() {
  const units = new PlayedUnits({ 1: { 0: 200, 1: 0, 2: 0 } });
  const clock = new FakeClock();
  const collecting = new Collecting([{ ...boiler, points }], units.driver, clock);
  await clock.advance(1);
  const write = (values: GivenValues) => writePoints(collecting.collector, collecting.device('boiler'), values, never);
  return { units, write, [Symbol.asyncDispose]: () => collecting[Symbol.asyncDispose]() };
}

test('values are written in the units of their points, by name or id, and answered as they were read back', async () => {
  await using tried = await start();
  const readings = await tried.write({ mode: 'eco', 'boiler/setpoint': 45.5 });
  expect(readings.map(({ value, quality }) => [value, quality])).toEqual([
    [1, 'good'],
    [45.5, 'good'],
  ]);
  expect([...(tried.units.units.get(1) ?? [])]).toEqual([
    [0, 455],
    [1, 1],
    [2, 0],
  ]);
});

test('a device that holds something else afterwards is told of, point by point', async () => {
  await using tried = await start();
  tried.units.taken = (value) => (value === 455 ? 400 : value);
  await expect(tried.write({ setpoint: 45.5, mode: 1 })).rejects.toMatchObject({
    code: 'write-differs',
    message: 'boiler/setpoint: wrote 45.5, the device holds 40 Cel',
  });
});

test('a point that cannot be read back is a bad reading: nobody knows what it holds', async () => {
  await using tried = await start();
  tried.units.hidden.add(0);
  expect(await tried.write({ setpoint: 45 })).toMatchObject([{ quality: 'bad', reason: 'refused', value: null }]);
});

test.each<[string, GivenValues, string, string]>([
  [
    'a point that is not there',
    { setpiont: 45 },
    'usage',
    'device boiler has no point setpiont; those that may be written: setpoint, mode',
  ],
  [
    'a point without a rule',
    { flow: 1 },
    'write-refused',
    'boiler/flow: must not be written: the configuration has no `write` in devices.boiler.points.flow',
  ],
  [
    'one value beyond its rule among others',
    { mode: 1, setpoint: 65 },
    'write-refused',
    'boiler/setpoint: 65 is above 60 Cel, the most that may be written',
  ],
  ['two values for one point', { mode: 1, 'boiler/mode': 0 }, 'usage', 'boiler/mode is given two values'],
  ['no value', {}, 'usage', 'no value is given to write'],
])('%s is refused before anything is written', async (_what, values, code, message) => {
  await using tried = await start();
  await expect(tried.write(values)).rejects.toMatchObject({ code, message });
  expect([...(tried.units.units.get(1)?.values() ?? [])]).toEqual([200, 0, 0]);
});

test('a device of which it is not known whether it did it says so', async () => {
  await using tried = await start();
  tried.units.units.delete(1);
  await expect(tried.write({ mode: 1 })).rejects.toMatchObject({ code: 'no-answer' });
});

describe('without a daemon', () => {
  const device: DeviceSettings = {
    ...boiler,
    connection: 'bus',
    points: points.map(({ definition, address, every, processing }) => ({ definition, address, every, processing })),
  };

  const open = (units: PlayedUnits) =>
    openDirectly(
      { id: 'bus', driver: units.driver, settings: { baud: 9_600 } },
      { clock: new FakeClock(), observe: () => undefined },
      [device],
    );

  test('a configured device is read and written the same way', async () => {
    const units = new PlayedUnits({ 1: { 0: 200, 1: 1 } });
    await using direct = open(units);
    expect(await direct.readDevice(device, undefined, never)).toMatchObject([
      { point: 'boiler/setpoint', value: 20, unit: 'Cel', quality: 'good' },
      { point: 'boiler/mode', value: 1, state: 'eco' },
      { point: 'boiler/flow', value: null, reason: 'refused' },
    ]);
    expect(await direct.write(device, { setpoint: 45 }, never)).toMatchObject([
      { point: 'boiler/setpoint', value: 45 },
    ]);
    expect(await direct.readDevice(device, ['boiler/setpoint'], never)).toMatchObject([{ value: 45 }]);
    expect(units.open).toBe(1);
  });

  test('a point that is not there is not connected for', async () => {
    const units = new PlayedUnits();
    await using direct = open(units);
    await expect(direct.readDevice(device, ['boiler/heat'], never)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('there is no point boiler/heat'),
    });
    expect(units.open).toBe(0);
  });

  test('a protocol that cannot write says so', async () => {
    const units = new PlayedUnits();
    const { driver } = units;
    await using direct = openDirectly(
      {
        id: 'bus',
        settings: { baud: 9_600 },
        driver: {
          ...driver,
          open: async (...context) => {
            const session = await driver.open(...context);
            delete session.write;
            return session;
          },
        },
      },
      { clock: new FakeClock(), observe: () => undefined },
      [device],
    );
    await expect(direct.write(device, { mode: 1 }, never)).rejects.toThrow('nothing can be written over scripted');
  });

  test('a driver that does not read back is at fault', async () => {
    const units = new PlayedUnits();
    const session = {
      read: () => Promise.reject(new GatewayError('failed', '')),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const driver = { ...units.driver, open: async () => ({ ...session, write: async () => [] }) };
    const target = { id: 'bus', settings: { baud: 9_600 }, driver };
    await using direct = openDirectly(target, { clock: new FakeClock(), observe: () => undefined }, [device]);
    await expect(direct.write(device, { mode: 1 }, never)).rejects.toMatchObject({ code: 'driver-failed' });
  });
});
