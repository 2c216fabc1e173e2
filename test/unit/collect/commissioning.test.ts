import { describe, expect, test } from 'vitest';
import { scanBesidePolls } from '../../../src/collect/bus-commissioning.ts';
import type { Commissioning, Keys } from '../../../src/collect/commissioning.ts';
import type { Driver } from '../../../src/collect/driver.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { alone, besidePolls, type Opened } from '../../support/opened-bus.ts';
import { PlayedUnits } from '../../support/played-bus.ts';

const never = new AbortController().signal;

const buses: readonly (readonly [string, (driver: Driver) => Promise<Opened>])[] = [
  ['between the polls of a daemon', besidePolls],
  ['over a connection of its own', alone],
];

const found = (unit: number) => ({ found: { device: { unit }, answer: 'exception 2', milliseconds: 8 } });

describe.each(buses)('%s', (_where, open) => {
  async function start(units = new PlayedUnits()) {
    const opened = await open(units.driver);
    return { ...opened, units, bus: opened.commissioning, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  }

  test('places are read that nobody configured; what the device has not is bad, with the reason', async () => {
    await using tried = await start();
    const points = { flow: { place: 1, type: 'uint16' }, level: { place: 99 } };
    expect(await tried.bus.readAdHoc({ device: { unit: 1 }, points }, never)).toEqual([
      { point: 'flow', value: 5, quality: 'good' },
      { point: 'level', value: null, quality: 'bad', reason: 'refused' },
    ]);
  });

  test('one place is read as every type that it may have', async () => {
    await using tried = await start();
    const points = { it: { place: 0 } };
    expect(await tried.bus.readAlternatives({ device: { unit: 7 }, points }, never)).toEqual([
      { point: 'int16', value: 7, quality: 'good' },
      { point: 'uint16', value: 7, quality: 'good' },
    ]);
  });

  test('an integer beyond 2^53 is decimal text', async () => {
    await using tried = await start(new PlayedUnits({ 1: { 0: 2n ** 64n - 1n } }));
    const asked = { device: { unit: 1 }, points: { counter: { place: 0, type: 'uint64' } } };
    const shown = { point: 'counter', value: '18446744073709551615', quality: 'good' };
    expect(await tried.bus.readAdHoc(asked, never)).toEqual([shown]);
    expect(await tried.bus.writeAdHoc(asked, '18446744073709551615', never)).toEqual(shown);
  });

  test('a place is written raw, and what was read back is told', async () => {
    await using tried = await start();
    const asked = { device: { unit: 7 }, points: { setpoint: { place: 0, type: 'uint16' } } };
    expect(await tried.bus.writeAdHoc(asked, 450, never)).toEqual({ point: 'setpoint', value: 450, quality: 'good' });
    expect(tried.units.units.get(7)?.get(0)).toBe(450);
  });

  test('a device that took another value is told of', async () => {
    await using tried = await start();
    tried.units.taken = () => 400;
    const asked = { device: { unit: 7 }, points: { setpoint: { place: 0, type: 'uint16' } } };
    await expect(tried.bus.writeAdHoc(asked, 450, never)).rejects.toMatchObject({
      code: 'write-differs',
      message: 'setpoint: wrote 450, the device holds 400',
    });
  });

  test('a device is asked who it is', async () => {
    await using tried = await start();
    expect(await tried.bus.identify({ unit: 7 }, never)).toEqual({ facts: [{ name: 'unit', value: '7' }] });
  });

  test('addresses are tried one by one, and those that answer are told with the keys that a configuration needs', async () => {
    await using tried = await start();
    const steps = await Array.fromAsync(tried.bus.scan({ addresses: [1, 2, 7] }, never));
    expect(steps).toEqual([
      { address: 'unit 1', done: 1, total: 3, ...found(1) },
      { address: 'unit 2', done: 2, total: 3 },
      { address: 'unit 7', done: 3, total: 3, ...found(7) },
    ]);
  });

  test('a scan that nobody wants any more ends, and the bus is free', async () => {
    await using tried = await start();
    for await (const { done } of tried.bus.scan({}, never)) if (done === 1) break;
    expect(await tried.bus.identify({ unit: 1 }, never)).toBeDefined();
    expect(tried.units.log).not.toContain('scan unit 7');
  });

  test('the frames of the connection are shown while somebody watches, in hexadecimal', async () => {
    await using tried = await start();
    const enough = new AbortController();
    const frames = tried.bus.trace(enough.signal)[Symbol.asyncIterator]();
    const first = frames.next();
    await tried.bus.readAdHoc({ device: { unit: 7 }, points: { it: {} } }, never);
    expect((await first).value).toEqual([
      { time: expect.stringMatching(/^2026-11-22T/), direction: 'sent', bytes: '0703', meaning: 'unit 7: read' },
    ]);
    enough.abort();
    expect((await frames.next()).done).toBe(true);
  });

  test.each<[string, Keys, Record<string, Keys>, string]>([
    ['a key that the device has not', { unt: 3 }, {}, 'unt: is no known key; did you mean unit?'],
    ['a value out of range', { unit: 300 }, {}, 'unit: 300 is above 247; allowed are 0 to 247'],
    [
      'a point that the driver does not understand',
      { unit: 3 },
      { flow: { place: 'there' }, level: { place: 70_000 } },
      'points.flow.place: "there" is not a number',
    ],
  ])('%s is refused as in a configuration', async (_what, device, points, message) => {
    await using tried = await start();
    await expect(tried.bus.readAdHoc({ device, points }, never)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
  });

  test.each<[string, (bus: Commissioning) => Promise<unknown>, string]>([
    ['no point to write', (bus) => bus.writeAdHoc({ device: {}, points: {} }, 1, never), 'name one point to write'],
    [
      'two points to try as every type',
      (bus) => bus.readAlternatives({ device: {}, points: { a: {}, b: {} } }, never),
      'name one point to try as every type',
    ],
    [
      'a place that can only be read',
      (bus) => bus.writeAdHoc({ device: {}, points: { a: { writable: false } } }, 1, never),
      'a can only be read',
    ],
  ])('%s is refused', async (_what, ask, message) => {
    await using tried = await start();
    await expect(ask(tried.bus)).rejects.toMatchObject({ code: 'usage', message });
  });

  test('what a place cannot be together with its device is refused, and the connection stays', async () => {
    const { driver } = new PlayedUnits();
    let refusal: string | undefined;
    const plan: Driver['plan'] = () => {
      if (refusal !== undefined) throw new GatewayError('configuration-invalid', refusal);
      return { requests: [], busTime: 1 };
    };
    await using opened = await open({ ...driver, plan });
    refusal = 'register 0 does not exist when counting from 1';
    const asked = { device: {}, points: { a: {} } };
    await expect(opened.commissioning.readAdHoc(asked, never)).rejects.toMatchObject({
      code: 'usage',
      message: refusal,
    });
    refusal = undefined;
    expect(await opened.commissioning.readAdHoc(asked, never)).toHaveLength(1);
  });

  test('what a protocol cannot do is refused', async () => {
    const { driver } = new PlayedUnits();
    const bare: Driver = {
      ...driver,
      open: async (...context) => {
        const session = await driver.open(...context);
        return {
          read: (...asked) => session.read(...asked),
          [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
        };
      },
      scanSettings: () => [],
    };
    delete bare.alternatives;
    await using opened = await open(bare);
    const bus = opened.commissioning;
    const place = { device: {}, points: { a: {} } };
    const outcomes = await Promise.allSettled([
      bus.readAlternatives(place, never),
      bus.writeAdHoc(place, 1, never),
      bus.identify({}, never),
      Array.fromAsync(bus.scan({}, never)),
    ]);
    const refusals = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined));
    expect(refusals.map(({ code, message }) => [code, message])).toEqual([
      ['usage', 'scripted says by itself what type a value has'],
      ['usage', 'nothing can be written over scripted in this version'],
      ['usage', 'scripted does not let devices say what they are'],
      ['usage', 'scripted has nothing to look for'],
    ]);
  });
});

describe('a scan beside a daemon', () => {
  test('lets every device be polled between its steps', async () => {
    const units = new PlayedUnits();
    const clock = new FakeClock();
    const setup = { ...deviceSetup('meter', { every: 10 }), settings: { unit: 1 } };
    await using collecting = new Collecting([setup], units.driver, clock);
    await clock.advance(1);
    units.log.length = 0;
    const { collector } = collecting;
    for await (const _ of scanBesidePolls(collector)({ addresses: [2, 3, 4] }, never)) await clock.advance(10);
    expect(units.log).toEqual([
      'scan unit 2',
      'read unit 1',
      'scan unit 3',
      'read unit 1',
      'scan unit 4',
      'read unit 1',
    ]);
  });

  test('refuses to look at other speeds: that would cut off the devices', async () => {
    const units = new PlayedUnits();
    await using opened = await besidePolls(units.driver);
    const scan = Array.fromAsync(opened.commissioning.scan({ bauds: [9_600, 19_200] }, never));
    await expect(scan).rejects.toMatchObject({
      code: 'usage',
      message:
        'connection bus is in use: scanning it at 19200 8N1 would cut off its devices; stop the daemon first, then scan again',
    });
    const own = await Array.fromAsync(opened.commissioning.scan({ bauds: [9_600] }, never));
    expect(own).toHaveLength(3);
  });

  test('ends with the connection that it was begun on', async () => {
    const units = new PlayedUnits();
    const clock = new FakeClock();
    await using collecting = new Collecting([], units.driver, clock);
    await clock.advance(1);
    const { collector } = collecting;
    const steps = scanBesidePolls(collector)({}, never)[Symbol.asyncIterator]();
    await steps.next();
    const broken = collector.use(() => Promise.reject(new GatewayError('connection-lost', 'unplugged')), never);
    await expect(broken).rejects.toThrow('unplugged');
    await clock.advance(1_000);
    await expect(steps.next()).rejects.toMatchObject({
      code: 'connection-lost',
      message: 'connection bus was lost and made anew during the scan',
    });
  });
});
