import type { Collector } from '../collect/collector.ts';
import type { PolledDevice } from '../collect/polled-device.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import type { Journal, JournalStatus } from '../journal/journal.ts';
import { isoTime, type Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';
import type { Reading } from '../model/reading.ts';
import type { GatewayStatus, ShownReading } from '../model/status.ts';
import type { EventCounters } from '../ops/events.ts';
import type { Rate } from '../ops/rate.ts';
import type { Broadcast } from './broadcast.ts';
import type { GatewayControl, ReadingFilter } from './control.ts';
import { showReading } from './show-reading.ts';

/** The parts of a running gateway that its operators see. */
export type GatewayParts = {
  readonly configuration: Configuration;
  readonly version: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly collectors: readonly Collector[];
  readonly forwarders: readonly Forwarder[];
  readonly readings: Broadcast<readonly Reading[]>;
  readonly taken: Rate;
  readonly counters: EventCounters;
};

/** What operators may do, on the parts of a running gateway. */
export function createOperations(parts: GatewayParts): GatewayControl {
  const startedAt = parts.clock.wall();
  const startedMonotonic = parts.clock.monotonic();
  return {
    status: async () => ({
      ...describeGateway(parts),
      startedAt: isoTime(startedAt),
      uptimeSeconds: Math.round((parts.clock.monotonic() - startedMonotonic) / 1_000),
      journal: await parts.journal.status(),
    }),
    watch: (filter, signal) => watch(parts, filter, signal),
    readDevice: (device, points, signal) => readDevice(parts, device, points, signal),
  };
}

function describeGateway({
  clock,
  configuration,
  version,
  journal,
  collectors,
  forwarders,
  taken,
  counters,
}: GatewayParts): Omit<GatewayStatus<JournalStatus>, 'startedAt' | 'uptimeSeconds' | 'journal'> {
  const collected = collectors.map((collector) => collector.status());
  const { user, system } = process.cpuUsage();
  return {
    gateway: configuration.gateway.id,
    version,
    configuration: configuration.file,
    clock: [...journal.anchors.values()].at(-1)?.state ?? 'unknown',
    readings: { taken: taken.total, perSecond: taken.perSecond(clock.monotonic()) },
    connections: collected.map(({ connection }) => connection),
    devices: collected.flatMap(({ devices }) => devices),
    destinations: forwarders.map((forwarder) => forwarder.status()),
    events: Object.fromEntries(counters),
    process: {
      pid: process.pid,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
      cpuSeconds: (user + system) / 1e6,
    },
  };
}

async function* watch(
  { readings, clock, journal }: GatewayParts,
  filter: ReadingFilter,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[], void, undefined> {
  for await (const batch of readings.subscribe(signal)) {
    const offset = clock.wall() - clock.monotonic();
    const shown = batch.flatMap((reading) => {
      const definition = journal.points.get(reading.point);
      const wanted = definition !== undefined && matches(filter, definition.device, definition.id);
      return wanted ? showReading(reading, definition, offset) : [];
    });
    if (shown.length > 0) yield shown;
  }
}

function matches({ device, point }: ReadingFilter, deviceId: string, pointId: PointId): boolean {
  return (device?.includes(deviceId) ?? true) && (point?.includes(pointId) ?? true);
}

async function readDevice(
  { collectors, clock, journal }: GatewayParts,
  id: string,
  wanted: readonly PointId[] | undefined,
  signal: AbortSignal,
): Promise<readonly ShownReading[]> {
  const [collector, device] = findDevice(collectors, id);
  const points = device.points.filter((point) => wanted?.includes(point.id) ?? true);
  const unknown = wanted?.filter((each) => !points.some((point) => point.id === each)) ?? [];
  if (unknown.length > 0) throw new GatewayError('usage', `device ${id} has no point ${unknown.join(', ')}`);
  const readings = await collector.read(device, points, signal);
  const offset = clock.wall() - clock.monotonic();
  return readings.flatMap((reading) => {
    const definition = journal.points.get(reading.point);
    return definition === undefined ? [] : showReading(reading, definition, offset);
  });
}

function findDevice(collectors: readonly Collector[], id: string): readonly [Collector, PolledDevice] {
  for (const collector of collectors) {
    const device = collector.devices.find((each) => each.driver.id === id);
    if (device !== undefined) return [collector, device];
  }
  const known = collectors.flatMap((collector) => collector.devices.map((device) => device.driver.id));
  throw new GatewayError('usage', `there is no device ${id}; there are: ${known.join(', ')}`);
}
