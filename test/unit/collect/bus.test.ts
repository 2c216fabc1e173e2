import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/model/errors.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { goodReadings, scriptedDriver, type Script } from '../../support/scripted-driver.ts';

const never = new AbortController().signal;

/** A bus of two meters, on which everything takes 10 ms; `log` tells what was done on it, in order. */
function playedBus(script: Partial<Script> = {}, every = 1_000) {
  const clock = new FakeClock();
  const log: string[] = [];
  const write: Script['write'] = async (device, writes, signal) => {
    log.push(`write ${device.id} ${writes.map(({ value }) => value).join()}`);
    await clock.sleep(10, signal);
    return writes.map(({ point, value }) => ({
      point: point.number,
      sourceTime: null,
      receivedTime: clock.monotonic(),
      quality: 'good',
      value,
    }));
  };
  const driver = scriptedDriver({
    read: async ({ id }, points, _context, signal) => {
      log.push(`poll ${id}`);
      await clock.sleep(10, signal);
      return goodReadings(points, 1, clock.monotonic());
    },
    write,
    ...script,
  });
  const points = [
    { name: 'one', every },
    { name: 'two', every },
  ];
  const collecting = new Collecting([deviceSetup('a', ...points), deviceSetup('b', ...points)], driver, clock);
  const { collector } = collecting;
  const put = (name: string, milliseconds = 10): Promise<void> =>
    collector.use(async (_session, lifetime) => {
      log.push(name);
      await clock.sleep(milliseconds, lifetime);
    }, never);
  const putWrite = (
    device: 'a' | 'b',
    values: readonly [point: number, value: number][],
  ): Promise<readonly Reading[]> => {
    const { driver: written, points: known } = collecting.device(device);
    const writes = values.map(([index, value]) => ({
      point: known[index] ?? { number: 0, id: '', address: 0 },
      value,
    }));
    return collector.write(written, writes, never);
  };
  return {
    clock,
    log,
    collecting,
    collector,
    put,
    putWrite,
    [Symbol.asyncDispose]: () => collecting[Symbol.asyncDispose](),
  };
}

/** Nobody cares how it ends. */
function unheard(request: Promise<unknown>): void {
  request.catch(() => undefined);
}

/** Begins in the middle of a poll of `a`, with one of `b` due. */
async function inMidPoll(bus: ReturnType<typeof playedBus>): Promise<void> {
  await bus.clock.advance(1_005);
  expect(bus.log.splice(0)).toEqual(['poll a', 'poll b', 'poll a']);
}

describe('who has the bus next', () => {
  test('is a write, then other work, then the poll that is due', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    unheard(bus.put('scan'));
    unheard(bus.putWrite('a', [[0, 5]]));
    await bus.clock.advance(100);
    expect(bus.log).toEqual(['write a 5', 'poll b', 'scan']);
  });

  test('lets the polls that it kept waiting catch up before it goes again', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    for (const name of ['one', 'two', 'three']) unheard(bus.put(name));
    await bus.clock.advance(30);
    expect(bus.log).toEqual(['one', 'poll b', 'two']);
  });

  test('lets one poll through between two writes, however many there are', async () => {
    await using bus = playedBus({}, 20);
    await bus.clock.advance(100);
    bus.log.length = 0;
    let written = 0;
    const flood = async (): Promise<void> => {
      for (let value = 0; value < 50; value++) {
        await bus.putWrite('a', [[0, value]]);
        written += 1;
      }
    };
    unheard(flood());
    unheard(flood());
    await bus.clock.advance(400);
    const polls = bus.log.filter((entry) => entry.startsWith('poll')).length;
    expect(written).toBeGreaterThan(10);
    expect(polls).toBeGreaterThanOrEqual(written - 2);
  });

  test('may be a scan of 247 silent addresses, and no device loses a poll by it', async () => {
    await using bus = playedBus();
    await bus.clock.advance(1_500);
    bus.log.length = 0;
    const scan = async (): Promise<void> => {
      for (let unit = 1; unit <= 247; unit++) await bus.put('step', 300);
    };
    const scanned = scan().then(() => bus.clock.monotonic());
    await bus.clock.advance(90_000);
    const seconds = ((await scanned) - 1_500) / 1_000;
    bus.log.length = bus.log.lastIndexOf('step');
    const polls = bus.log.filter((entry) => entry === 'poll a').length;
    expect(seconds).toBeLessThan(85);
    expect(polls).toBeGreaterThanOrEqual(Math.floor(seconds));
  });
});

describe('writes that wait for the same device', () => {
  test('are handed to the driver together, and each is told its own', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    const answers = Promise.all([
      bus.putWrite('b', [[0, 1]]),
      bus.putWrite('a', [[0, 2]]),
      bus.putWrite('b', [[1, 3]]),
    ]);
    await bus.clock.advance(100);
    expect(bus.log.slice(0, 3)).toEqual(['write b 1,3', 'poll b', 'write a 2']);
    expect((await answers).map((readings) => readings.map(({ value }) => value))).toEqual([[1], [2], [3]]);
  });

  test('stay apart where they concern the same point: the second comes after the first has been read back', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    unheard(bus.putWrite('a', [[0, 1]]));
    unheard(bus.putWrite('a', [[0, 2]]));
    unheard(bus.putWrite('a', [[1, 3]]));
    await bus.clock.advance(100);
    expect(bus.log.filter((entry) => entry.startsWith('write'))).toEqual(['write a 1', 'write a 2,3']);
  });

  test('all fail when the device refuses, and the connection stays', async () => {
    await using bus = playedBus({ write: () => Promise.reject(new GatewayError('device-refused', 'exception 3')) });
    await inMidPoll(bus);
    const [one, two] = [bus.putWrite('a', [[0, 1]]), bus.putWrite('a', [[1, 2]])];
    const outcome = Promise.all([
      expect(one).rejects.toMatchObject({ code: 'device-refused' }),
      expect(two).rejects.toMatchObject({ code: 'device-refused' }),
    ]);
    await bus.clock.advance(100);
    await outcome;
    expect(bus.collecting.events).toEqual(['connection-up']);
  });

  test('are refused where the protocol cannot write', async () => {
    const clock = new FakeClock();
    const driver = scriptedDriver({ read: async (_device, points) => goodReadings(points, 1, 0) });
    await using collecting = new Collecting([deviceSetup('a')], driver, clock);
    await clock.advance(1);
    const { driver: device, points } = collecting.device('a');
    const [point] = points;
    if (point === undefined) throw new Error('no point');
    const outcome = expect(collecting.collector.write(device, [{ point, value: 1 }], never)).rejects.toMatchObject({
      code: 'usage',
      message: 'nothing can be written over scripted in this version',
    });
    await clock.advance(1);
    await outcome;
  });
});

describe('a request', () => {
  test('that loses patience while it waits is never made', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    const patience = new AbortController();
    const waiting = bus.collector.use(async () => bus.log.push('late'), patience.signal);
    const outcome = expect(waiting).rejects.toThrow('Ctrl-C');
    patience.abort(new Error('Ctrl-C'));
    await outcome;
    await bus.clock.advance(500);
    expect(bus.log).not.toContain('late');
    expect(bus.collector.status().connection.waiting).toBe(0);
  });

  test('that has begun goes on to its end, and whoever lost patience is told at once', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    const patience = new AbortController();
    const work = bus.collector.use(async () => {
      await bus.clock.sleep(50, never);
      bus.log.push('done');
    }, patience.signal);
    const outcome = expect(work).rejects.toThrow('Ctrl-C');
    await bus.clock.advance(20);
    patience.abort(new Error('Ctrl-C'));
    await outcome;
    expect(bus.log).not.toContain('done');
    await bus.clock.advance(100);
    expect(bus.log).toContain('done');
  });

  test('is refused when 64 wait already, and accepted again as soon as one is done', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    for (let count = 0; count < 64; count++) unheard(bus.put(`work ${count}`));
    expect(bus.collector.status().connection.waiting).toBe(64);
    await expect(bus.put('too much')).rejects.toMatchObject({
      code: 'bus-busy',
      message: 'connection bus: 64 requests wait already',
    });
    await bus.clock.advance(30);
    const accepted = bus.put('welcome');
    await bus.clock.advance(3_000);
    await accepted;
  });

  test('fails with the connection, and the next one is told why there is none', async () => {
    await using bus = playedBus({
      open: () => {
        if (bus.log.length > 0) throw new GatewayError('connection-failed', 'nobody listens');
      },
    });
    await inMidPoll(bus);
    bus.log.push('once connected');
    const breaking = bus.collector.use(() => Promise.reject(new GatewayError('connection-lost', 'unplugged')), never);
    const outcome = Promise.all([
      expect(breaking).rejects.toMatchObject({ code: 'connection-lost', message: 'unplugged' }),
      expect(bus.put('waiting')).rejects.toMatchObject({ code: 'connection-lost', message: 'unplugged' }),
    ]);
    await bus.clock.advance(3_000);
    await outcome;
    await expect(bus.put('later')).rejects.toMatchObject({
      code: 'connection-failed',
      message: 'connection bus: nobody listens',
    });
  });

  test('that meets a fault of the driver is told so, and the connection is made anew', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    const outcome = expect(bus.collector.use(() => Promise.reject(new TypeError('oops')), never)).rejects.toMatchObject(
      {
        code: 'driver-failed',
        message: 'oops',
      },
    );
    await bus.clock.advance(2_000);
    await outcome;
    expect(bus.collecting.events).toEqual(['connection-up', 'connection-lost', 'connection-up']);
  });

  test('that still waits when the gateway stops is told so', async () => {
    await using bus = playedBus();
    await inMidPoll(bus);
    const outcome = expect(bus.put('waiting')).rejects.toThrow('connection bus: the gateway stops');
    await bus.collecting.stop();
    await outcome;
  });
});

test('a connection without devices is opened all the same, for technicians', async () => {
  const clock = new FakeClock();
  const driver = scriptedDriver({ read: async (_device, points) => goodReadings(points, 1, 0) });
  await using collecting = new Collecting([], driver, clock);
  await clock.advance(1);
  const work = collecting.collector.use(async () => 'found', never);
  await clock.advance(1);
  expect(await work).toBe('found');
});
