import { describe, expect, test } from 'vitest';
import { openDirectly } from '../../../src/collect/direct.ts';
import type { Pushed } from '../../../src/collect/driver.ts';
import type { DeviceSettings } from '../../../src/config/configuration.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { Collecting, deviceSetup, describingDevice } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { spokenLine } from '../../support/spoken-line.ts';
import { listeningDriver } from '../../support/scripted-driver.ts';

const never = new AbortController().signal;
const SECOND = 1_000;

async function* endsAtOnce() {}

const meter = () => deviceSetup('meter', { every: 10 * SECOND, scale: 0.1 });

describe('a device that speaks by itself', () => {
  test('has what it says recorded as it comes, scaled as configured', async () => {
    const { clock, driver, say } = spokenLine();
    const setup = meter();
    const number = setup.points[0]?.number ?? 0;
    await using collecting = new Collecting([setup], driver, clock);
    for (const value of [10, 11, 12]) {
      await clock.advance(1_500);
      say('meter', [[number, value]]);
    }
    await clock.advance(1);
    expect(collecting.recorded.map(({ value, receivedTime }) => [value, receivedTime])).toEqual([
      [1, 1_500],
      [1.1, 3_000],
      [1.2, 4_500],
    ]);
    expect(collecting.statusOf('meter')).toMatchObject({ state: 'up', polls: 3, failures: 0, responseTime: null });
  });

  test.each([
    ['1601, the zero of some', Date.UTC(1601, 0, 1)],
    ['2000, that of a clock without battery', Date.UTC(2000, 0, 1)],
    ['2099', Date.UTC(2099, 11, 31)],
    ['none that a number can be', NaN],
  ])('is not believed when its time is %s: the value stands, with our time', async (_what, sourceTime) => {
    const { clock, driver, hear } = spokenLine();
    const setup = meter();
    const point = setup.points[0]?.number ?? 0;
    await using collecting = new Collecting([setup], driver, clock);
    const told = { point, quality: 'good', value: 10, receivedTime: 0 } as const;
    const wall = clock.wall();
    hear({
      device: 'meter',
      readings: [
        { ...told, sourceTime },
        { ...told, sourceTime: wall - 1 },
      ],
    });
    await clock.advance(1);
    expect(collecting.recorded).toEqual([
      { ...told, value: 1, sourceTime: null, reason: 'time' },
      { ...told, value: 1, sourceTime: wall - 1 },
    ]);
  });

  test('has points as it names them, where none are configured', async () => {
    const { clock, driver, say } = spokenLine();
    await using collecting = new Collecting([describingDevice('meter')], driver, clock);
    say('meter', [['import', 100]], ['import']);
    say(
      'meter',
      [
        ['import', 101],
        ['export °', 7],
      ],
      ['import', 'export °'],
    );
    await clock.advance(1);
    expect(collecting.interned.map(({ id, unit }) => [id, unit])).toEqual([
      ['meter/import', 'kW.h'],
      ['meter/export', 'kW.h'],
    ]);
    expect(collecting.recorded.map(({ point, value }) => [point, value])).toEqual([
      [1_001, 10],
      [1_001, 10.1],
      [1_002, 0.7],
    ]);
    expect(collecting.statusOf('meter')).toMatchObject({ points: 2 });
  });

  test('has no more than 5 000 of them, whatever it claims, and those are read on', async () => {
    const { clock, driver, say } = spokenLine();
    await using collecting = new Collecting([describingDevice('meter')], driver, clock);
    const names = Array.from({ length: 5_001 }, (_, index) => `point-${index}`);
    say('meter', [['point-0', 1]], names);
    say(
      'meter',
      [
        ['point-5000', 2],
        ['point-0', 3],
        ['more', 4],
      ],
      ['more'],
    );
    await clock.advance(1);
    expect(collecting.statusOf('meter')).toMatchObject({ points: 5_000, state: 'up' });
    expect(collecting.recorded.map(({ value }) => value)).toEqual([0.1, 0.3]);
  });

  test('has only its configured points, where there are some, whatever else it names', async () => {
    const { clock, driver, say } = spokenLine();
    const setup = meter();
    await using collecting = new Collecting([setup], driver, clock);
    say('meter', [[setup.points[0]?.number ?? 0, 5]], ['export']);
    await clock.advance(1);
    expect(collecting.statusOf('meter')).toMatchObject({ points: 1, state: 'up' });
    expect(collecting.interned).toEqual([]);
  });
});

describe('silence', () => {
  test('of three configured intervals is a loss, with bad readings, once', async () => {
    const { clock, driver } = spokenLine();
    await using collecting = new Collecting([meter()], driver, clock);
    await clock.advance(29 * SECOND);
    expect(collecting.statusOf('meter')?.state).toBe('unknown');
    await clock.advance(300 * SECOND);
    expect(collecting.events).toEqual(['connection-up', 'device-lost']);
    expect(collecting.recorded).toMatchObject([{ quality: 'bad', reason: 'no-answer', receivedTime: 30 * SECOND }]);
    expect(collecting.statusOf('meter')).toMatchObject({ state: 'lost', reason: 'no-answer', failures: 1, bad: 1 });
  });

  test('is measured by the interval that the device keeps, once that is known', async () => {
    const { clock, driver, say } = spokenLine();
    const setup = meter();
    const speak = (): void => say('meter', [[setup.points[0]?.number ?? 0, 1]]);
    await using collecting = new Collecting([setup], driver, clock);
    for (let count = 0; count < 10; count++) {
      speak();
      await clock.advance(2 * SECOND);
    }
    await clock.advance(3 * SECOND);
    expect(collecting.statusOf('meter')?.state).toBe('up');
    await clock.advance(2 * SECOND);
    expect(collecting.statusOf('meter')?.state).toBe('lost');
    speak();
    await clock.advance(1);
    expect(collecting.statusOf('meter')).toMatchObject({ state: 'up', reason: null, bad: 0 });
    await clock.advance(7 * SECOND);
    expect(collecting.events.slice(1)).toEqual(['device-lost', 'device-back', 'device-lost']);
  });

  test('between telegrams that come in one breath is no interval', async () => {
    const { clock, driver, say } = spokenLine();
    const setup = meter();
    await using collecting = new Collecting([setup], driver, clock);
    for (let count = 0; count < 6; count++) say('meter', [[setup.points[0]?.number ?? 0, count]]);
    await clock.advance(29 * SECOND);
    expect(collecting.statusOf('meter')?.state).toBe('up');
    await clock.advance(SECOND);
    expect(collecting.statusOf('meter')?.state).toBe('lost');
  });

  test('of one device says nothing of another on the same line', async () => {
    const { clock, driver, say } = spokenLine();
    const [one, other] = [deviceSetup('one'), deviceSetup('other')];
    await using collecting = new Collecting([one, other], driver, clock);
    for (let count = 0; count < 20; count++) {
      say('one', [[one.points[0]?.number ?? 0, 1]]);
      await clock.advance(SECOND);
    }
    expect(collecting.statusOf('one')?.state).toBe('up');
    expect(collecting.statusOf('other')?.state).toBe('lost');
  });
});

describe('when the line breaks', () => {
  test('the readings are bad, and it is listened to again as soon as it is back', async () => {
    const { clock, driver, hear, say, line } = spokenLine();
    const setup = meter();
    const number = setup.points[0]?.number ?? 0;
    await using collecting = new Collecting([setup], driver, clock);
    say('meter', [[number, 1]]);
    await clock.advance(SECOND);
    hear(new GatewayError('connection-lost', 'unplugged'));
    await clock.advance(SECOND);
    say('meter', [[number, 2]]);
    await clock.advance(1);
    expect(collecting.recorded.map(({ value, reason }) => value ?? reason)).toEqual([0.1, 'not-connected', 0.2]);
    expect(collecting.events).toEqual(['connection-up', 'connection-lost', 'connection-up']);
    expect(line).toEqual({ opened: 2, listening: 1 });
  });

  test('the time without a line is not held against a device', async () => {
    const { clock, driver, hear } = spokenLine();
    await using collecting = new Collecting([deviceSetup('meter', { every: SECOND })], driver, clock);
    await clock.advance(2_500);
    hear(new GatewayError('connection-lost', 'unplugged'));
    await clock.advance(SECOND);
    expect(collecting.events).not.toContain('device-lost');
  });

  test.each<[string, Pushed]>([
    ['a device that is not configured', { device: 'other', readings: [] }],
    [
      'a point that it did not describe',
      {
        device: 'meter',
        readings: [{ point: 'heat', quality: 'good', value: 1, sourceTime: null, receivedTime: 0 }],
      },
    ],
  ])('a driver that hears %s is at fault, and its daemon lives', async (_what, pushed) => {
    const { clock, driver, hear } = spokenLine();
    await using collecting = new Collecting([describingDevice('meter')], driver, clock);
    hear(pushed);
    await clock.advance(SECOND);
    expect(collecting.collector.status().connection.state).toBe('up');
    expect(collecting.events.slice(0, 3)).toEqual(['connection-up', 'connection-lost', 'connection-up']);
  });

  test('a driver that simply stops listening is at fault', async () => {
    const clock = new FakeClock();
    const driver = listeningDriver({ listen: endsAtOnce });
    await using collecting = new Collecting([meter()], driver, clock);
    await clock.advance(1);
    expect(collecting.collector.status().connection.error).toBe('the driver stopped listening without a reason');
  });

  test('stopping the gateway stops the listening', async () => {
    const { clock, driver, line } = spokenLine();
    const collecting = new Collecting([meter()], driver, clock);
    await clock.advance(1);
    await collecting.stop();
    expect(line.listening).toBe(0);
  });
});

describe("an operator's read", () => {
  test('is what the device says next', async () => {
    const { clock, driver, say } = spokenLine();
    const setup = deviceSetup('meter', { name: 'a' }, { name: 'b' });
    const [a, b] = setup.points;
    if (a === undefined || b === undefined) throw new Error('no points');
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(1);
    const read = collecting.collector.read(collecting.device('meter'), [b], never);
    say('meter', [
      [a.number, 1],
      [b.number, 2],
    ]);
    await clock.advance(1);
    expect(await read).toMatchObject([{ point: b.number, value: 2 }]);
  });

  test('ends with its patience, or with the connection', async () => {
    const { clock, driver, hear } = spokenLine();
    const setup = meter();
    await using collecting = new Collecting([setup], driver, clock);
    await clock.advance(1);
    const device = collecting.device('meter');
    const patience = new AbortController();
    const impatient = expect(collecting.collector.read(device, device.points, patience.signal)).rejects.toThrow(
      'Ctrl-C',
    );
    const patient = expect(collecting.collector.read(device, device.points, never)).rejects.toThrow('unplugged');
    patience.abort(new Error('Ctrl-C'));
    await impatient;
    hear(new GatewayError('connection-lost', 'unplugged'));
    await clock.advance(10);
    await patient;
    await expect(collecting.collector.read(device, device.points, never)).rejects.toMatchObject({
      code: 'connection-failed',
      message: 'connection bus: unplugged',
    });
  });

  test('cannot ask for anything else', async () => {
    const { clock, driver } = spokenLine();
    await using collecting = new Collecting([meter()], driver, clock);
    await clock.advance(1);
    await expect(collecting.collector.use(async () => undefined, never)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('connection bus: its devices speak by themselves and cannot be asked'),
    });
  });

  test('works without a daemon, for as long as the device may be silent', async () => {
    const { clock, driver, say, line } = spokenLine();
    const device: DeviceSettings = { ...describingDevice('meter'), connection: 'bus', points: [] };
    const target = { id: 'bus', driver, settings: { baud: 9_600 } };
    await using direct = openDirectly(target, { clock, observe: () => undefined }, [device]);
    const read = direct.readDevice(device, undefined, never);
    say('other', [['x', 1]]);
    say('meter', [], ['import']);
    say('meter', [['import', 100]]);
    expect(await read).toMatchObject([{ point: 'meter/import', value: 10, unit: 'kW.h' }]);
    expect(line.listening).toBe(0);
    const silent = expect(direct.readDevice(device, undefined, never)).rejects.toMatchObject({
      code: 'no-answer',
      message: 'meter said nothing that makes sense within 3 s',
    });
    await clock.advance(3 * SECOND);
    await silent;
  });
});
