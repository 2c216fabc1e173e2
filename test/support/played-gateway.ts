import { clipRanges, subtractRanges } from '../../src/model/ranges.ts';
import type { RewindSpan, Rewound } from '../../src/model/rewind.ts';
import type { Commissioning } from '../../src/collect/commissioning.ts';
import type { GivenValues } from '../../src/collect/writing.ts';
import type { GatewayControl, JournalQuery, KeptQuery, ReadingFilter } from '../../src/control/control.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { JournalStatus } from '../../src/journal/journal.ts';
import type { GatewayStatus, ShownReading } from '../../src/model/status.ts';
import { renderMetrics } from '../../src/ops/metrics.ts';
import { PlayedCommissioning } from './played-commissioning.ts';

const UNTROUBLED = { missing: null, error: null, errorCode: null, nextTry: null, clock: null } as const;

const since = '2026-11-22T09:00:00.000Z';

/** A gateway with one thing of each kind well and one in trouble. */
export const playedStatus: GatewayStatus<JournalStatus> = {
  gateway: 'harbour-07',
  version: '0.1.0',
  configuration: '/etc/weir/weir.yaml',
  startedAt: since,
  uptimeSeconds: 192,
  clock: 'synchronised',
  readings: { taken: 123_456, perSecond: 41.5 },
  connections: [
    {
      id: 'switchroom',
      driver: 'modbus',
      state: 'up',
      since,
      error: null,
      busTime: 42,
      roundTime: 55.5,
      latency: { count: 19, sum: 240, median: 12, p90: 20, p99: 31, worst: 31 },
      waiting: 0,
      late: 0,
      wire: { 'late-frame': 2 },
    },
    {
      id: 'plant',
      driver: 'modbus',
      state: 'lost',
      since,
      error: 'ECONNREFUSED',
      busTime: null,
      roundTime: null,
      latency: null,
      waiting: 0,
      late: 3,
      wire: {},
    },
  ],
  devices: [
    {
      id: 'main-meter',
      connection: 'switchroom',
      profile: 'eastron/sdm630',
      state: 'up',
      since,
      points: 40,
      bad: 0,
      polls: 19,
      failures: 0,
      responseTime: { median: 12.4, worst: 31 },
      latency: { count: 19, sum: 240, median: 12, p90: 20, p99: 31, worst: 31 },
      busTime: 42,
      wire: { timeout: 1, 'late-frame': 2 },
      lastReading: since,
      reason: null,
      ...UNTROUBLED,
    },
    {
      id: 'pump',
      connection: 'plant',
      profile: null,
      state: 'lost',
      since,
      points: 2,
      bad: 0,
      polls: 19,
      failures: 19,
      responseTime: null,
      latency: null,
      busTime: null,
      wire: {},
      lastReading: null,
      reason: 'not-connected',
      ...UNTROUBLED,
    },
  ],
  journal: {
    path: '/var/lib/weir',
    epoch: '6f1c9a2e',
    oldest: 1,
    last: 123_456,
    batches: 124,
    usedBytes: 1_048_576,
    fileBytes: 2_097_152,
    keep: { size: 2 ** 31, age: 30 * 86_400_000 },
    oldestTime: Date.UTC(2026, 10, 22, 9),
    damaged: [],
    destinations: [{ name: 'energy-centre', pending: 17, gaps: 0 }],
  },
  servers: [
    {
      name: 'scada',
      protocol: 'opcua',
      endpoint: 'opc.tcp://192.0.2.20:4840',
      state: 'up',
      since,
      error: null,
      policies: ['Basic256Sha256'],
      modes: ['SignAndEncrypt'],
      insecure: null,
      points: 42,
      sessions: 1,
      subscriptions: 2,
    },
    {
      name: 'lift',
      protocol: 'opcua',
      endpoint: 'opc.tcp://192.0.2.20:4841',
      state: 'lost',
      since,
      error: 'listen EADDRINUSE 192.0.2.20:4841',
      policies: ['None'],
      modes: ['Sign'],
      insecure: 'the lift controller of 2009',
      points: 0,
      sessions: 0,
      subscriptions: 0,
    },
  ],
  destinations: [
    {
      name: 'energy-centre',
      url: 'mqtt://127.0.0.1:1883',
      state: 'connected',
      since,
      error: null,
      protocol: 'MQTT 5',
      pending: 17,
      backlog: 0,
      inFlight: 1,
      delivered: 123_439,
      acknowledgeTime: 3.1,
      held: null,
      insecure: null,
    },
    {
      name: 'city',
      url: 'mqtts://city.example:8883',
      state: 'lost',
      since,
      error: 'getaddrinfo ENOTFOUND city.example',
      protocol: null,
      pending: 123_456,
      backlog: 123_000,
      inFlight: 0,
      delivered: 0,
      acknowledgeTime: null,
      held: null,
      insecure: null,
    },
  ],
  commands: { done: 2, failed: 1, unknown: 0, rejected: { expired: 3 } },
  audit: { path: '/var/lib/weir/audit.log', number: 17, hash: 'ab'.repeat(32), missed: 0, error: null },
  insecure: [],
  certificates: [],
  events: { 'device-lost': 1 },
  process: { pid: 4242, rssMiB: 81.5, cpuSeconds: 3.25 },
};

/** Some 2 MB in all: more than the buffers of a socket hold. */
const manyReadings: readonly ShownReading[] = Array.from({ length: 20_000 }, (_, index) => ({
  point: `main-meter/point-${index}`,
  time: since,
  value: index,
  quality: 'good',
}));

type Decision = Parameters<GatewayControl['decide']>[0];

/** A gateway without meters: knows the device `main-meter`, and takes `manyReadings` as often as somebody watches. */
export class PlayedGateway implements GatewayControl {
  readonly filters: ReadingFilter[] = [];
  /** Resolves when nobody watches any more. */
  readonly watchEnded = Promise.withResolvers<void>();
  batchesWatched = 0;
  readonly paused = new Set<string>();
  readonly decisions: Decision[] = [];

  pause = async (destination: string): Promise<void> => void this.paused.add(destination);

  resume = async (destination: string): Promise<void> => void this.paused.delete(destination);

  /** Holds the sequences from 101 on. */
  rewind(destination: string, span: RewindSpan): Promise<Rewound> {
    if (destination === 'city') return Promise.reject(new GatewayError('rewind-busy', 'city: 7 readings are left'));
    const asked = 'ranges' in span ? span.ranges : [{ after: 200, upto: 300 }];
    const gone = clipRanges(asked, { after: 0, upto: 100 });
    return Promise.resolve({ kept: subtractRanges(asked, gone), gone });
  }

  decide = async (decision: Decision): Promise<void> => void this.decisions.push(decision);

  status(): Promise<GatewayStatus<JournalStatus>> {
    return Promise.resolve(playedStatus);
  }

  async *watch(filter: ReadingFilter, signal: AbortSignal): AsyncGenerator<readonly ShownReading[]> {
    this.filters.push(filter);
    try {
      while (!signal.aborted) {
        this.batchesWatched += 1;
        yield manyReadings;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.watchEnded.resolve();
    }
  }

  /** The hours of a day, for whatever was asked; nothing is known of `silent`. */
  async *history({ names, from, to, newestFirst, most = 24 }: JournalQuery): AsyncGenerator<readonly ShownReading[]> {
    await Promise.resolve();
    if (names.includes('silent')) throw new GatewayError('usage', 'nothing was ever journalled of silent');
    const hours = Array.from({ length: Math.floor((to - from) / 3_600_000) }, (_, hour) => from + hour * 3_600_000);
    for (const time of (newestFirst ? hours.toReversed() : hours).slice(0, most)) {
      yield names.map((point) => ({ point, time: new Date(time).toISOString(), value: 1, quality: 'good' }));
    }
  }

  readDevice(
    device: string,
    points: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<readonly ShownReading[]> {
    if (device === 'silent') {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }
    if (device !== 'main-meter') return Promise.reject(new GatewayError('usage', `there is no device ${device}`));
    return Promise.resolve(
      (points ?? ['main-meter/voltage']).map((point) => ({ point, time: since, value: 230.1, quality: 'good' })),
    );
  }

  /** The main meter keeps the hours of a day; every other device keeps nothing. */
  async *kept(device: string, { from, to }: KeptQuery): AsyncGenerator<readonly ShownReading[]> {
    await Promise.resolve();
    if (device !== 'main-meter') throw new GatewayError('device-refused', `${device} keeps nothing`);
    for (let time = from + 3_600_000; time < to; time += 3_600_000) {
      const sourceTime = new Date(time).toISOString();
      yield [{ point: 'main-meter/energy', time: since, sourceTime, value: 1, quality: 'good', reason: 'historical' }];
    }
  }

  metrics(): Promise<string> {
    return Promise.resolve(renderMetrics(playedStatus));
  }

  /** Takes 45 for the setpoint of the main meter, and nothing else. */
  write(device: string, values: GivenValues): Promise<readonly ShownReading[]> {
    if (device !== 'main-meter') return Promise.reject(new GatewayError('usage', `there is no device ${device}`));
    if (values['setpoint'] !== 45) return Promise.reject(new GatewayError('write-refused', 'above 60'));
    return Promise.resolve([{ point: 'main-meter/setpoint', time: since, value: 45, quality: 'good' }]);
  }

  commissioning(connection: string): Commissioning {
    return new PlayedCommissioning(connection);
  }
}
