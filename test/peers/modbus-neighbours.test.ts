import { describe, expect, test } from 'vitest';
import { modbus } from '../../drivers/modbus/driver.ts';
import { connectionSchema } from '../../drivers/modbus/connection-schema.ts';
import { Collector } from '../../src/collect/collector.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import { collectedPoint, deviceSetup } from '../support/collecting.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from '../support/modbus-session.ts';
import { honest, playModbus, type Manner } from '../support/played-modbus.ts';
import { noPast } from '../support/memory-state.ts';

// What is wrong with one unit, or with a part of it, must not show at the others behind the same gateway.

const neighbour = modbusDevice([{ read: 'holding 1', type: 'uint16' }], { unit: 1 }, 'neighbour');

const hangsUp: Manner = (asked, socket) => {
  if (asked.unit === 2) socket.end();
  else honest(asked, socket);
};

describe('a gateway that hangs up whenever a dead unit is asked for', () => {
  const dead = modbusDevice([{ read: 'holding 1', type: 'uint16' }], { unit: 2 }, 'dead');

  test('has a dead unit, and its others answer', async () => {
    await using server = await playModbus(hangsUp);
    await using opened = await openModbus(server, [neighbour, dead], { clock: new FakeClock() });
    for (let round = 0; round < 5; round++) {
      expect(shown(dead, await opened.read(dead))).toEqual(['1 bad no-answer']);
      expect(shown(neighbour, await opened.read(neighbour))).toEqual(['1 good 1']);
    }
    server.manner = honest;
    expect(shown(dead, await opened.read(dead))).toEqual(['1 good 1']);
  });

  test('is never lost, and the dead unit backs off by itself', async () => {
    await using server = await playModbus(hangsUp);
    const rounds = collect(server.port, [neighbour, { ...dead, points: renumbered(dead, 2) }]);
    await rounds.untilGood(100);
    await rounds.stop();
    expect(rounds.events.filter((event) => event.startsWith('connection'))).toEqual(['connection-up']);
    expect(rounds.events.filter((event) => event === 'device-lost')).toHaveLength(1);
    expect(server.asked.filter(({ unit }) => unit === 2).length).toBeLessThan(20);
  });
});

function renumbered(device: ModbusDevice, from: number): ModbusDevice['points'] {
  return device.points.map((point, index) => ({ ...point, number: from + index }));
}

/** Polls every 20 ms with the real collector and driver; point 1 is the one whose good readings are counted. */
function collect(port: number, devices: readonly ModbusDevice[]) {
  const stopped = new AbortController();
  const events: string[] = [];
  const enough = Promise.withResolvers<void>();
  let good = 0;
  let wanted = Infinity;
  const count = (readings: readonly Reading[]): void => {
    good += readings.filter(({ point, quality }) => point === 1 && quality === 'good').length;
    if (good >= wanted) enough.resolve();
  };
  const setup = devices.map(({ id, settings, points }) => ({
    ...deviceSetup(id),
    settings,
    points: points.map((point) => ({ ...collectedPoint(id, { every: 20 }), ...point })),
  }));
  const settings = connectionSchema.parse({ host: '127.0.0.1', port });
  const collector = new Collector({ id: 'bus', settings, devices: setup }, modbus, {
    clock: systemClock,
    report: (event) => events.push(event),
    shown: count,
    ...noPast(),
    intern: () => Promise.resolve([]),
    recorder: { record: () => undefined, flush: () => Promise.resolve() },
  });
  const ended = collector.run(stopped.signal);
  return {
    events,
    untilGood: (readings: number): Promise<void> => {
      wanted = readings;
      return Promise.race([enough.promise, ended]);
    },
    stop: (): Promise<void> => {
      stopped.abort();
      return ended;
    },
  };
}

describe('a device that answers one range and is silent about three', () => {
  const device = modbusDevice(
    [0, 200, 400, 600].map((address) => ({ read: `holding ${address}`, type: 'uint16' })),
    { unit: 2 },
    'device',
  );
  const SILENT = ['0 good 0', '200 bad no-answer', '400 bad no-answer', '600 bad no-answer'];

  /** Polls both devices every 200 ms of a clock that moves on by the timeout with each unanswered request. */
  async function start() {
    const clock = new FakeClock();
    const stack = new AsyncDisposableStack();
    const withhold: Manner = (asked, socket) => {
      if (asked.unit === 2 && asked.address > 0) void clock.advance(1_000);
      else honest(asked, socket);
    };
    const server = stack.use(await playModbus(withhold));
    const opened = stack.use(await openModbus(server, [neighbour, device], { clock }));
    const longest = { round: 0 };
    const poll = async (): Promise<readonly string[]> => {
      const began = clock.monotonic();
      const lines = shown(device, await opened.read(device));
      longest.round = Math.max(longest.round, clock.monotonic() - began);
      expect(shown(neighbour, await opened.read(neighbour))).toEqual(['1 good 1']);
      await clock.advance(200 - (clock.monotonic() % 200));
      return lines;
    };
    return { clock, server, poll, longest, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test('costs its neighbour no more than a tenth of its rate, and no round more than one timeout', async () => {
    await using tried = await start();
    expect(await tried.poll(), 'the first round asks each range twice').toEqual(SILENT);
    expect(tried.longest.round).toBe(6_000);
    tried.longest.round = 0;
    const end = tried.clock.monotonic() + 60_000;
    let polls = 0;
    for (; tried.clock.monotonic() < end; polls++) expect(await tried.poll()).toEqual(SILENT);
    expect(polls).toBeGreaterThanOrEqual(270);
    expect(tried.longest.round).toBe(1_000);
  });

  test.each([0, 5, 120])('is whole within a minute when it speaks after %i s', async (seconds) => {
    await using tried = await start();
    await tried.poll();
    while (tried.clock.monotonic() < seconds * 1_000) await tried.poll();
    tried.server.manner = honest;
    const end = tried.clock.monotonic() + 60_000;
    let lines: readonly string[] = SILENT;
    while (lines.join().includes('bad')) {
      expect(tried.clock.monotonic()).toBeLessThan(end);
      lines = await tried.poll();
    }
    expect(lines).toEqual(['0 good 0', '200 good 200', '400 good 400', '600 good 600']);
  });
});
