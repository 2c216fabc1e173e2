import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/model/errors.ts';
import { parseExposition } from '../../support/exposition.ts';
import { PlayedUnits } from '../../support/played-bus.ts';
import { goodReadings, scriptedDriver } from '../../support/scripted-driver.ts';
import { startedGateway } from '../../support/started-gateway.ts';

const never = new AbortController().signal;

/** A gateway with one device on one bus, in this process; everything is asked over its socket. */
async function start() {
  const units = new PlayedUnits({ 1: { 0: 200, 1: 1 }, 7: { 0: 7 } });
  const setpoint = { place: 0, type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } };
  const mode = { place: 1, type: 'uint16', labels: { 0: 'off', 1: 'eco' }, write: {} };
  const gateway = await startedGateway(units.driver, {
    connections: { basement: { driver: 'scripted' } },
    devices: { boiler: { connection: 'basement', unit: 1, every: '1s', points: { setpoint, mode } } },
  });
  await gateway.untilTold('connection-up');
  return { ...gateway, units, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

test('a write is carried out between the polls, answered as it was read back, and leaves a line in the log', async () => {
  await using gateway = await start();
  const readings = await gateway.control.write('boiler', { setpoint: 45, mode: 'off' }, never);
  expect(readings).toMatchObject([
    { point: 'boiler/setpoint', value: 45, unit: 'Cel', quality: 'good' },
    { point: 'boiler/mode', value: 0, state: 'off', quality: 'good' },
  ]);
  expect(gateway.told.at(-1)).toEqual({
    event: 'point-written',
    fields: { device: 'boiler', values: 'setpoint = 45, mode = "off"' },
  });
});

test('a write that is refused leaves a line too, whatever was written into it', async () => {
  await using gateway = await start();
  await expect(gateway.control.write('boiler', { setpoint: '65\nFORGED' }, never)).rejects.toMatchObject({
    code: 'write-refused',
  });
  expect(gateway.told.at(-1)).toMatchObject({
    event: 'write-failed',
    fields: { values: 'setpoint = "65\\nFORGED"', error: expect.stringContaining('is not a number') },
  });
});

test('a write past the configuration leaves a line with all that was asked', async () => {
  await using gateway = await start();
  const asked = { device: { unit: 7 }, points: { it: { place: 0, type: 'uint16' } } };
  expect(await gateway.control.commissioning('basement').writeAdHoc(asked, 9, never)).toMatchObject({ value: 9 });
  expect(gateway.told.at(-1)).toEqual({
    event: 'point-written',
    fields: { device: 'basement {"unit":7}', values: '{"place":0,"type":"uint16"} = 9' },
  });
});

test('a bus is scanned, read and identified while its device is polled', async () => {
  await using gateway = await start();
  const bus = gateway.control.commissioning('basement');
  const steps = await Array.fromAsync(bus.scan({ addresses: [1, 2, 7] }, never));
  expect(steps.flatMap(({ found }) => (found === undefined ? [] : [found.device]))).toEqual([{ unit: 1 }, { unit: 7 }]);
  expect(await bus.readAdHoc({ device: { unit: 7 }, points: { it: { type: 'int16' } } }, never)).toMatchObject([
    { point: 'it', value: 7 },
  ]);
  expect(await bus.identify({ unit: 7 }, never)).toEqual({ facts: [{ name: 'unit', value: '7' }] });
});

test('every call to a connection that is not there says which there are', async () => {
  await using gateway = await start();
  const bus = gateway.control.commissioning('attic');
  const asked = { device: {}, points: {} };
  const outcomes = await Promise.allSettled([
    bus.readAdHoc(asked, never),
    bus.readAlternatives(asked, never),
    bus.writeAdHoc(asked, 1, never),
    bus.identify({}, never),
    Array.fromAsync(bus.scan({}, never)),
    Array.fromAsync(bus.trace(never)),
  ]);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({
      reason: { code: 'usage', message: 'there is no connection attic; there are: basement' },
    });
  }
});

test('the metrics are those of the running gateway', async () => {
  await using gateway = await start();
  await gateway.control.readDevice('boiler', undefined, never);
  const metrics = parseExposition(await gateway.control.metrics());
  const up = metrics.find(({ name }) => name === 'weir_device_up');
  expect(up?.samples).toEqual([
    { name: 'weir_device_up', labels: { connection: 'basement', device: 'boiler' }, value: 1 },
  ]);
});

test('a device that does not say what it holds cannot be read, and it is said why', async () => {
  const driver = scriptedDriver(
    {
      discover: () => Promise.reject(new GatewayError('device-undescribed', 'device inverter has no SunSpec marker')),
      read: async (_device, points) => goodReadings(points, 1, 0),
    },
    { discovers: true },
  );
  await using gateway = await startedGateway(driver, {
    connections: { roof: { driver: 'scripted' } },
    devices: { inverter: { connection: 'roof' } },
  });
  await gateway.untilTold('device-undescribed');
  await expect(gateway.control.readDevice('inverter', undefined, never)).rejects.toMatchObject({
    code: 'device-undescribed',
    message: expect.stringContaining('device inverter has no SunSpec marker'),
  });
});
