import { PushedLine } from '../../drivers/dlms/pushed-line.ts';
import { PushingMeter, type Secrets } from '../../drivers/dlms/pushing-meter.ts';
import { deviceSchema, pointSchema } from '../../drivers/dlms/schema.ts';
import { HdlcTelegrams, type Telegrams } from '../../drivers/dlms/telegrams.ts';
import type { DiscoveredPoint, Pushed } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { FakeClock } from './fake-clock.ts';

export type HeardLine = {
  readonly clock: FakeClock;
  /** What `observe` was told: event and detail. */
  readonly oddities: (readonly [event: string, detail: string])[];
  /** What was heard of the chunks, each a telegram. */
  hear(...chunks: readonly Buffer[]): readonly Pushed[];
};

export type PushedDevice = {
  readonly settings?: object;
  readonly points?: readonly object[];
  readonly secrets?: Secrets;
  readonly telegrams?: Telegrams;
};

/** The driver on a line where one meter pushes, in the hands of a test. */
export function pushedLine({ settings = {}, points = [], secrets, telegrams }: PushedDevice = {}): HeardLine {
  const clock = new FakeClock();
  const oddities: (readonly [string, string])[] = [];
  const device = {
    id: 'meter',
    settings: parsed(settings),
    points: points.map((point, index) => ({
      number: index + 1,
      id: `meter/point-${index + 1}`,
      address: pointSchema.parse(point),
    })),
  };
  const line = new PushedLine(telegrams ?? new HdlcTelegrams(), [new PushingMeter(device, secrets)], {
    clock,
    connection: 'line',
    observe: (event, _, detail) => oddities.push([event, detail]),
    answered: () => undefined,
    tap: { listener: undefined },
  });
  return { clock, oddities, hear: (...chunks) => chunks.flatMap((chunk) => line.hear(chunk)) };
}

const parsings = new Map<string, ReturnType<typeof deviceSchema.parse>>();

/** Parsing takes longer than hearing a telegram, and there are tests with thousands of lines. */
function parsed(settings: object): ReturnType<typeof deviceSchema.parse> {
  const key = JSON.stringify(settings);
  const known = parsings.get(key) ?? deviceSchema.parse(settings);
  parsings.set(key, known);
  return known;
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
