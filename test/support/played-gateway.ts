import type { GatewayControl, ReadingFilter } from '../../src/control/control.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { ShownReading } from '../../src/model/status.ts';
import type { JournalStatus } from '../../src/journal/journal.ts';
import type { GatewayStatus } from '../../src/model/status.ts';

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
      late: 0,
      wire: { 'late-frame': 2 },
    },
    { id: 'plant', driver: 'modbus', state: 'lost', since, error: 'ECONNREFUSED', busTime: null, late: 3, wire: {} },
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
      lastReading: since,
      reason: null,
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
      lastReading: null,
      reason: 'not-connected',
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
    destinations: [{ name: 'energy-centre', pending: 17, gaps: 0 }],
  },
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
      insecure: null,
    },
  ],
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

/** A gateway without meters: knows the device `main-meter`, and takes `manyReadings` as often as somebody watches. */
export class PlayedGateway implements GatewayControl {
  readonly filters: ReadingFilter[] = [];
  /** Resolves when nobody watches any more. */
  readonly watchEnded = Promise.withResolvers<void>();
  batchesWatched = 0;

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
}
