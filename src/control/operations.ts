import type { Collector } from '../collect/collector.ts';
import { BusCommissioning, scanBesidePolls } from '../collect/bus-commissioning.ts';
import type { CollectedDevice } from '../collect/collected-device.ts';
import type { Commissioning } from '../collect/commissioning.ts';
import { writePoints, type GivenValues } from '../collect/writing.ts';
import type { Commander } from '../command/commander.ts';
import type { Configuration } from '../config/configuration.ts';
import { insecurities } from '../config/insecurities.ts';
import { choices } from '../config/nearest.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import { newestState } from '../journal/clock-state.ts';
import type { Journal, JournalStatus } from '../journal/journal.ts';
import { isoTime, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';
import { countRanges, showRanges } from '../model/ranges.ts';
import type { Reading } from '../model/reading.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import { showReading } from '../model/show-reading.ts';
import type { EndingCertificate, GatewayStatus, ShownReading } from '../model/status.ts';
import type { TrustDecision } from '../model/trust.ts';
import type { Audit } from '../ops/audit/log.ts';
import type { EventCounters, Report } from '../ops/events.ts';
import { renderMetrics } from '../ops/metrics.ts';
import type { Server } from '../serve/server.ts';
import type { Rate } from '../ops/rate.ts';
import type { Broadcast } from './broadcast.ts';
import type { GatewayControl, KeptQuery, ReadingFilter } from './control.ts';
import { journalled } from './journalled.ts';

/** The parts of a running gateway that its operators see. */
export type GatewayParts = {
  readonly configuration: Configuration;
  readonly version: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly collectors: readonly Collector[];
  readonly forwarders: readonly Forwarder[];
  readonly servers: readonly Pick<Server, 'status'>[];
  readonly readings: Broadcast<readonly Reading[]>;
  readonly taken: Rate;
  readonly audit: Audit;
  /** Those that come to their end. */
  readonly certificates: () => readonly EndingCertificate[];
  readonly commander: Pick<Commander, 'status'>;
  readonly counters: EventCounters;
  readonly report: Report;
};

type WritingParts = Pick<GatewayParts, 'clock' | 'journal' | 'collectors' | 'report'>;

/** What operators may do, on the parts of a running gateway. */
export function createOperations(parts: GatewayParts): GatewayControl {
  const startedAt = parts.clock.wall();
  const startedMonotonic = parts.clock.monotonic();
  const status = async (): Promise<GatewayStatus<JournalStatus>> => ({
    ...describeGateway(parts),
    startedAt: isoTime(startedAt),
    uptimeSeconds: Math.round((parts.clock.monotonic() - startedMonotonic) / 1_000),
    journal: await parts.journal.status(),
  });
  return {
    status,
    metrics: async () => renderMetrics(await status()),
    watch: (filter, signal) => watch(parts, filter, signal),
    history: (query, signal) => journalled(parts.journal, query, signal),
    readDevice: (device, points, signal) => readDevice(parts, device, points, signal),
    kept: (device, query, signal) => kept(parts, device, query, signal),
    write: (device, values, signal) => write(parts, { device, values }, signal),
    commissioning: (connection) => commissioning(parts, connection),
    pause: async (destination) => findForwarder(parts, destination).pause(),
    resume: async (destination) => findForwarder(parts, destination).resume(),
    rewind: (destination, span) => rewind(parts, destination, span),
    decide: (decision) => decide(parts, decision),
  };
}

function describeGateway({
  clock,
  configuration,
  version,
  journal,
  collectors,
  forwarders,
  servers,
  taken,
  audit,
  certificates,
  commander,
  counters,
}: GatewayParts): Omit<GatewayStatus<JournalStatus>, 'startedAt' | 'uptimeSeconds' | 'journal'> {
  const collected = collectors.map((collector) => collector.status());
  const { user, system } = process.cpuUsage();
  return {
    gateway: configuration.gateway.id,
    version,
    configuration: configuration.file,
    clock: newestState(journal),
    readings: { taken: taken.total, perSecond: taken.perSecond(clock.monotonic()) },
    connections: collected.map(({ connection }) => connection),
    devices: collected.flatMap(({ devices }) => devices),
    destinations: forwarders.map((forwarder) => forwarder.status()),
    commands: commander.status(),
    audit: audit.status(),
    insecure: insecurities(configuration),
    servers: servers.map((server) => server.status()),
    certificates: certificates(),
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
  parts: GatewayParts,
  id: string,
  wanted: readonly PointId[] | undefined,
  signal: AbortSignal,
): Promise<readonly ShownReading[]> {
  const [collector, device] = findDevice(parts.collectors, id);
  // Its points come once it lets us in: that is tried at once.
  if (device.health.refuses && device.points.length === 0) collector.retry(device);
  return show(parts, await collector.read(device, pointsOf(device, wanted), signal));
}

async function* kept(
  parts: GatewayParts,
  id: string,
  { points, ...span }: KeptQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[]> {
  const [collector, device] = findDevice(parts.collectors, id);
  const portions = collector.history(device, pointsOf(device, points), span, signal);
  for await (const readings of portions) yield show(parts, readings);
}

/** The points of a device that are asked for, all where none are named. Throws `usage`, or why there are none. */
function pointsOf({ id, points: all, health }: CollectedDevice, wanted: readonly PointId[] | undefined) {
  if (all.length === 0) {
    const { error, errorCode } = health.status();
    const what = error ?? `device ${id} has not said yet what it holds`;
    throw new GatewayError(errorCode ?? 'device-undescribed', what);
  }
  const points = all.filter((point) => wanted?.includes(point.id) ?? true);
  const unknown = wanted?.filter((each) => !points.some((point) => point.id === each)) ?? [];
  if (unknown.length > 0) throw new GatewayError('usage', `device ${id} has no point ${unknown.join(', ')}`);
  return points;
}

async function decide({ audit, report }: GatewayParts, decision: TrustDecision): Promise<void> {
  await audit.append('trust-decided', decision);
  report('trust-decided', decision);
}

type Write = {
  readonly device: string;
  readonly values: GivenValues;
  /** Who asked, for the log; absent for whoever may use the control socket. */
  readonly by?: string;
};

/** Writes as `GatewayControl.write` does. */
export async function write(
  parts: WritingParts,
  { device: id, values, by }: Write,
  signal: AbortSignal,
): Promise<readonly ShownReading[]> {
  const [collector, device] = findDevice(parts.collectors, id);
  const what = { device: id, values: by === undefined ? listed(values) : `${listed(values)}, asked by ${by}` };
  return audited(parts, what, async () => show(parts, await writePoints(collector, device, values, signal)));
}

/** Every write leaves a line in the log, whether or not it succeeds. */
async function audited<T>(
  { report }: WritingParts,
  what: { readonly device: string; readonly values: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    report('point-written', what);
    return result;
  } catch (error) {
    report('write-failed', { ...what, error: messageOf(error) });
    throw error;
  }
}

/** `setpoint = 45, mode = "eco"`, whatever somebody wrote: it ends up in the log. */
function listed(values: GivenValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ');
}

/** The connection is looked for at each call: so a name that is wrong is a rejection like every other. */
function commissioning(parts: GatewayParts, id: string): Commissioning {
  const { collectors } = parts;
  const find = (): Commissioning => {
    const collector = collectors.find((each) => each.id === id);
    if (collector !== undefined) return new BusCommissioning(collector, scanBesidePolls(collector));
    const known = collectors.map((each) => each.id);
    throw new GatewayError('usage', `there is no connection ${id}; ${choices(id, known, 'weir status')}`);
  };
  return {
    readAdHoc: async (asked, signal) => find().readAdHoc(asked, signal),
    readAlternatives: async (asked, signal) => find().readAlternatives(asked, signal),
    writeAdHoc: (asked, value, signal) => {
      const points = Object.values(asked.points).map((keys) => JSON.stringify(keys));
      const what = {
        device: `${id} ${JSON.stringify(asked.device)}`,
        values: `${points.join()} = ${JSON.stringify(value)}`,
      };
      return audited(parts, what, async () => find().writeAdHoc(asked, value, signal));
    },
    identify: async (device, signal) => find().identify(device, signal),
    browse: async (place, signal) => find().browse(place, signal),
    async *scan(range, signal) {
      yield* find().scan(range, signal);
    },
    async *trace(signal) {
      yield* find().trace(signal);
    },
  };
}

function show({ clock, journal }: WritingParts, readings: readonly Reading[]): readonly ShownReading[] {
  const offset = clock.wall() - clock.monotonic();
  return readings.flatMap((reading) => {
    const definition = journal.points.get(reading.point);
    return definition === undefined ? [] : showReading(reading, definition, offset);
  });
}

async function rewind(parts: GatewayParts, destination: string, span: RewindSpan): Promise<Rewound> {
  const rewound = await findForwarder(parts, destination).rewind(span);
  const readings = countRanges(rewound.kept);
  parts.report('journal-rewound', { destination, readings, ranges: showRanges(rewound.kept) });
  return rewound;
}

function findForwarder({ forwarders }: GatewayParts, name: string): Forwarder {
  const forwarder = forwarders.find((each) => each.name === name);
  if (forwarder !== undefined) return forwarder;
  const known = forwarders.map((each) => each.name);
  throw new GatewayError('usage', `there is no destination ${name}; ${choices(name, known, 'weir status')}`);
}

function findDevice(collectors: readonly Collector[], id: string): readonly [Collector, CollectedDevice] {
  for (const collector of collectors) {
    const device = collector.devices.find((each) => each.id === id);
    if (device !== undefined) return [collector, device];
  }
  const known = collectors.flatMap((collector) => collector.devices.map((device) => device.id));
  throw new GatewayError('usage', `there is no device ${id}; ${choices(id, known, 'weir status')}`);
}
