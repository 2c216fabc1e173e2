import { expect } from 'vitest';
import type { GatewayControl } from '../../src/control/control.ts';
import { EARLIEST_TIME } from '../../src/model/clock.ts';
import type { ShownReading } from '../../src/model/status.ts';
import { counterPoints, startCounterMeter, type CounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { FakedTime } from '../support/faked-time.ts';
import { testWith } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NEVER = new AbortController().signal;

// How far a corrected time may be off: what the two clocks of a process are read apart, and whole milliseconds.
const EXACT = 50; // milliseconds

/** All that the meter has answered; on a busy machine a poll may be late. */
async function readings(control: GatewayControl): Promise<readonly ShownReading[]> {
  const query = { names: ['meter'], from: 0, to: Number.MAX_SAFE_INTEGER, newestFirst: false };
  const found: ShownReading[] = [];
  for await (const portion of control.history(query, NEVER))
    found.push(...portion.filter(({ value }) => value !== null));
  return found;
}

/** Waits for a poll, and for its reading to be in the journal; returns it with the true times around it. */
async function readOnce(meter: CounterMeter, control: GatewayControl) {
  const after = Date.now();
  const count = meter.reads + 1;
  await meter.untilRead(count);
  for (;;) {
    const reading = (await readings(control)).find(({ value }) => value === count);
    if (reading !== undefined) return { count, after, before: Date.now() };
    await meter.untilRead(meter.reads + 1);
  }
}

function one(all: readonly ShownReading[], count: number): ShownReading {
  const reading = all.find(({ value }) => value === count);
  if (reading === undefined) throw new Error(`the journal has no ${count}`);
  return reading;
}

function timeOf({ time }: ShownReading): number {
  return Date.parse(time);
}

/** Times rise as the meter's counter does. */
function expectOrder(all: readonly ShownReading[]): void {
  const times = all.toSorted((left, right) => Number(left.value) - Number(right.value)).map(timeOf);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
}

testWith(
  'faketime',
  'a gateway that wakes up in 1970 stamps nothing so, and gives all it read its true time when that comes',
  async () => {
    await using folder = await temporaryFolder();
    await using meter = await startCounterMeter();
    const time = new FakedTime(folder.path, '@1970-01-01 00:00:00');
    await using daemon = new Daemon(folder.path, time.environment);
    await daemon.start({
      connections: { bus: { driver: 'modbus', host: '127.0.0.1', port: meter.port } },
      devices: { meter: { connection: 'bus', unit: 255, every: '200ms', points: counterPoints(1) } },
      destinations: { centre: { url: 'mqtt://127.0.0.1:1' } },
    });
    await daemon.until('the time is not known (unknown)');
    const control = await daemon.control();
    const early = await readOnce(meter, control);
    const unknown = await readings(control);
    for (const reading of unknown) {
      expect(reading).toMatchObject({ quality: 'uncertain', reason: 'time' });
      expect(timeOf(reading)).toBeGreaterThanOrEqual(EARLIEST_TIME);
      expect(timeOf(reading)).toBeLessThan(early.after);
    }

    time.set('+0');
    await daemon.until('the time is known now');
    const late = await readOnce(meter, control);
    const known = await readings(control);
    for (const { count, after, before } of [early, late]) {
      const reading = one(known, count);
      expect(reading.quality).toBe('good');
      expect(timeOf(reading)).toBeGreaterThanOrEqual(after - EXACT);
      expect(timeOf(reading)).toBeLessThanOrEqual(before + EXACT);
    }
    expectOrder(known);

    // The clock is lost again with the power: time goes on where it was.
    expect(await daemon.stop()).toBe(0);
    time.set('@1970-01-01 00:00:00');
    await daemon.start();
    const again = await readOnce(meter, await daemon.control());
    const all = await readings(await daemon.control());
    expect(one(all, again.count)).toMatchObject({ quality: 'uncertain', reason: 'time' });
    expectOrder(all);
  },
  120_000,
);
