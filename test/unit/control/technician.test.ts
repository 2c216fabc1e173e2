import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectControl } from '../../../src/control/client.ts';
import type { GatewayControl } from '../../../src/control/control.ts';
import { serveControl } from '../../../src/control/server.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { PlayedGateway } from '../../support/played-gateway.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// What technicians can ask of a daemon over its socket; PlayedGateway says what it was asked.

const untilTestEnds = new AbortController().signal;

let stack: AsyncDisposableStack;
let gateway: PlayedGateway;
let control: GatewayControl;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const socket = join(folder.path, 'control.sock');
  gateway = new PlayedGateway();
  stack.use(await serveControl(gateway, { socket, clock: systemClock }));
  control = await connectControl(socket, systemClock);
});

afterEach(() => stack.disposeAsync());

test('what was read back of a write, or why it was refused', async () => {
  await expect(control.write('main-meter', { setpoint: 45 }, untilTestEnds)).resolves.toMatchObject([{ value: 45 }]);
  await expect(control.write('main-meter', { setpoint: 65 }, untilTestEnds)).rejects.toMatchObject({
    code: 'write-refused',
    message: 'above 60',
  });
});

test('what a device has kept, portion by portion, or why there is nothing', async () => {
  const day = { from: Date.UTC(2026, 10, 21), to: Date.UTC(2026, 10, 21, 3, 30) };
  const kept = await Array.fromAsync(control.kept('main-meter', day, untilTestEnds));
  expect(kept.flat().map(({ sourceTime }) => sourceTime?.slice(11, 16))).toEqual(['01:00', '02:00', '03:00']);
  await expect(Array.fromAsync(control.kept('boiler', day, untilTestEnds))).rejects.toMatchObject({
    code: 'device-refused',
    message: 'boiler keeps nothing',
  });
});

test('what the journal holds, as much as was asked for, or why there is nothing', async () => {
  const day = { from: Date.UTC(2026, 10, 21), to: Date.UTC(2026, 10, 22), newestFirst: true };
  const held = await Array.fromAsync(control.history({ names: ['boiler/flow'], most: 2, ...day }, untilTestEnds));
  expect(held.flat().map(({ point, time }) => [point, time.slice(11, 16)])).toEqual([
    ['boiler/flow', '23:00'],
    ['boiler/flow', '22:00'],
  ]);
  expect((await Array.fromAsync(control.history({ names: ['a', 'b'], ...day }, untilTestEnds))).flat()).toHaveLength(
    48,
  );
  await expect(Array.fromAsync(control.history({ names: ['silent'], ...day }, untilTestEnds))).rejects.toMatchObject({
    code: 'usage',
    message: 'nothing was ever journalled of silent',
  });
});

test('the metrics as Prometheus reads them', async () => {
  expect(await control.metrics()).toBe(await gateway.metrics());
});

test('everything that a technician does to a connection, with the keys as they were given', async () => {
  const bus = control.commissioning('base/ment');
  const asked = { device: { unit: 3 }, points: { flow: { read: 'holding 0' } } };
  const one = { point: 'flow', quality: 'good' };
  expect(await bus.readAdHoc(asked, untilTestEnds)).toEqual([
    { ...one, value: '{"device":{"unit":3},"keys":{"read":"holding 0"}}' },
  ]);
  expect(await bus.readAlternatives(asked, untilTestEnds)).toEqual([
    { ...one, point: 'float32 CDAB', value: '{"unit":3}' },
  ]);
  expect(await bus.writeAdHoc(asked, '18446744073709551615', untilTestEnds)).toEqual({
    ...one,
    value: '18446744073709551615',
  });
  expect(await bus.identify({ unit: 3 }, untilTestEnds)).toEqual({ facts: [{ name: 'asked', value: '{"unit":3}' }] });
  expect(await bus.browse(undefined, untilTestEnds)).toEqual([{ place: 'top;s=x', name: 'x' }]);
  expect(await bus.browse('ns=2', untilTestEnds)).toEqual([{ place: 'ns=2;s=x', name: 'x' }]);
});

test('a scan step by step to its end', async () => {
  const steps = control.commissioning('bus').scan({ addresses: [7, 9] }, untilTestEnds);
  expect(await Array.fromAsync(steps)).toEqual([
    { address: 'unit 7', done: 1, total: 2 },
    { address: 'unit 9', done: 2, total: 2 },
  ]);
});

test('the steps of a scan until it broke, and why it did', async () => {
  const seen: string[] = [];
  const scanning = (async () => {
    for await (const { address } of control.commissioning('broken').scan({}, untilTestEnds)) seen.push(address);
  })();
  await expect(scanning).rejects.toMatchObject({ code: 'connection-lost', message: 'unplugged' });
  expect(seen).toEqual(['unit 1']);
});

test('the frames on the wire, until it has enough', async () => {
  const enough = new AbortController();
  const meanings: string[] = [];
  for await (const frames of control.commissioning('bus').trace(enough.signal)) {
    meanings.push(...frames.map(({ meaning }) => meaning));
    if (meanings.length >= 3) enough.abort();
  }
  expect(meanings.slice(0, 3)).toEqual(['frame 0', 'frame 1', 'frame 2']);
});
