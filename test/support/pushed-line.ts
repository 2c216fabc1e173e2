import type { Keys } from '../../drivers/dlms/ciphering.ts';
import { PushSession } from '../../drivers/dlms/push-session.ts';
import { PushingMeter } from '../../drivers/dlms/pushing-meter.ts';
import { deviceSchema, pointSchema } from '../../drivers/dlms/schema.ts';
import { HdlcTelegrams, type Telegrams } from '../../drivers/dlms/telegrams.ts';
import type { DiscoveredPoint, Pushed } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { FakeClock } from './fake-clock.ts';
import { HeldWire } from './held-wire.ts';

export type PushedLine = {
  readonly clock: FakeClock;
  readonly wire: HeldWire;
  readonly session: PushSession;
  /** What `observe` was told: event and detail. */
  readonly oddities: (readonly [event: string, detail: string])[];
  /** What was heard of the chunks, each a telegram. */
  hear(...chunks: readonly Buffer[]): Promise<readonly Pushed[]>;
};

export type PushedDevice = {
  readonly settings?: object;
  readonly points?: readonly object[];
  readonly keys?: Keys;
  readonly telegrams?: Telegrams;
};

/** The driver on a line where one meter pushes, in the hands of a test. */
export function pushedLine({ settings = {}, points = [], keys, telegrams }: PushedDevice = {}): PushedLine {
  const clock = new FakeClock();
  const wire = new HeldWire();
  const oddities: (readonly [string, string])[] = [];
  const device = {
    id: 'meter',
    settings: deviceSchema.parse(settings),
    points: points.map((point, index) => ({
      number: index + 1,
      id: `meter/point-${index + 1}`,
      address: pointSchema.parse(point),
    })),
  };
  const session = new PushSession(wire, telegrams ?? new HdlcTelegrams(), [new PushingMeter(device, keys)], {
    clock,
    connection: 'line',
    observe: (event, _, detail) => oddities.push([event, detail]),
    answered: () => undefined,
    tap: { listener: undefined },
  });
  return {
    clock,
    wire,
    session,
    oddities,
    hear: async (...chunks) => {
      for (const chunk of chunks) wire.deliver(chunk);
      return taken(session);
    },
  };
}

/** What waits to be taken. */
async function taken(session: PushSession): Promise<readonly Pushed[]> {
  const heard: Pushed[] = [];
  const enough = new AbortController();
  const listening = session.listen(enough.signal);
  for (;;) {
    const next = listening.next();
    const first = await Promise.race([next, nothingWaits()]);
    if (first === undefined || first.done === true) break;
    heard.push(first.value);
  }
  enough.abort();
  return heard;
}

/** Resolves after whatever was ready has been taken. */
async function nothingWaits(): Promise<undefined> {
  await new Promise((resolve) => setImmediate(resolve));
  return undefined;
}

/** Readings by the names of their points, and what was said of these. */
export function byName(pushed: readonly Pushed[]) {
  const readings = new Map<string, Reading<number | string>>();
  const points = new Map<string, DiscoveredPoint>();
  for (const { readings: all, discovered = [] } of pushed) {
    for (const point of discovered) points.set(point.name, point);
    for (const reading of all) readings.set(String(reading.point), reading);
  }
  return { readings, points };
}
