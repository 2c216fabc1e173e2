import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { modbus } from '../../drivers/modbus/driver.ts';
import { connectionSchema } from '../../drivers/modbus/connection-schema.ts';
import { Collector } from '../../src/collect/collector.ts';
import { systemClock } from '../../src/model/clock.ts';
import { collectedPoint, deviceSetup } from '../support/collecting.ts';
import { modbusDevice } from '../support/modbus-session.ts';
import { honest, playModbus, type Manner } from '../support/played-modbus.ts';
import { noPast } from '../support/memory-state.ts';

const UNITS = 20;
const LIVE = 1;
const EVERY = 150; // milliseconds between polls, and until a request times out

const oneAnswers: Manner = (asked, socket) => {
  if (asked.unit === LIVE) honest(asked, socket);
};

/** Polls every unit with the real driver; tells each good reading of the live one, and each event. */
function collect(port: number, told: (what: string) => void) {
  const devices = Array.from({ length: UNITS }, (_, index) => {
    const id = `unit-${index + 1}`;
    const { settings, points } = modbusDevice([{ read: 'holding 1', type: 'uint16' }], { unit: index + 1 }, id);
    return {
      ...deviceSetup(id),
      settings,
      points: points.map((point) => ({ ...collectedPoint(id, { every: EVERY }), ...point, number: index + 1 })),
    };
  });
  const settings = connectionSchema.parse({ host: '127.0.0.1', port, timeout: `${EVERY}ms`, retries: 0 });
  const stopped = new AbortController();
  const collector = new Collector({ id: 'bus', settings, devices }, modbus, {
    clock: systemClock,
    report: (event) => told(event),
    ...noPast(),
    shown: (readings) => {
      if (readings.some(({ point, quality }) => point === LIVE && quality === 'good')) told('live');
    },
    intern: () => Promise.resolve([]),
    recorder: { record: () => undefined, flush: () => Promise.resolve() },
  });
  const ended = collector.run(stopped.signal);
  return {
    collector,
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await ended;
    },
  };
}

test('behind one gateway, 19 silent units cost the live one less than a tenth of its rate, and come back within a minute', async () => {
  const counts = new Map<string, number>();
  const happened = new EventEmitter();
  const until = async (what: string, count: number): Promise<void> => {
    while ((counts.get(what) ?? 0) < count) await once(happened, what);
  };
  await using server = await playModbus(oneAnswers);
  await using bus = collect(server.port, (what) => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
    happened.emit(what);
  });
  await until('device-lost', UNITS - 1);

  const before = counts.get('live') ?? 0;
  const began = systemClock.monotonic();
  await until('live', before + 30);
  const rate = (30 * EVERY) / (systemClock.monotonic() - began);
  expect(rate).toBeGreaterThanOrEqual(0.9);

  server.manner = honest;
  const silentUntil = systemClock.monotonic();
  await until('device-back', UNITS - 1);
  expect(systemClock.monotonic() - silentUntil).toBeLessThan(60_000);
  expect(bus.collector.status().devices.map(({ state }) => state)).toEqual(Array.from({ length: UNITS }, () => 'up'));
}, 90_000);
