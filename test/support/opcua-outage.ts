import { setTimeout as sleep } from 'node:timers/promises';
import { opcua } from '../../drivers/opcua/driver.ts';
import { Collector, type CollectorContext } from '../../src/collect/collector.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { EventName } from '../../src/ops/events.ts';
import { deviceSetup } from './collecting.ts';
import { memoryState } from './memory-state.ts';
import { startPlant, type Plant } from './opcua-server.ts';
import { OPEN } from './opcua-session.ts';
import { Relay } from './relay.ts';
import { temporaryFolder } from './temporary-folder.ts';

const PERIOD = 200; // milliseconds between two values of the plant

/** What became of the values of a plant, which counts, with the way to it cut for a while. */
export type Outage = {
  /** The values from the first that arrived to the last that the plant had, as it counted them. */
  readonly measured: readonly number[];
  /** All values that were recorded, in the order in which they arrived. */
  readonly recorded: readonly number[];
  /** Those that were read from the history of the server. */
  readonly filled: readonly number[];
  /** How many arose while the way was cut. */
  readonly during: number;
  /** Milliseconds from the mending to the last value of the hole. */
  readonly fillingTook: number;
};

/** Collects from a server that keeps history, cuts the way to it for so many seconds, and goes on until it is filled. */
export async function sufferOutage(seconds: number): Promise<Outage> {
  await using folder = await temporaryFolder();
  await using plant = await startPlant();
  await using relay = await Relay.to(plant.port);
  const records: Reading[] = [];
  const events: EventName[] = [];
  const collector = collecting(relay.port, folder.path, { records, events });
  const stop = new AbortController();
  const running = collector.run(stop.signal);
  const counter = countingIn(plant);

  await counter.until(() => records.some((reading) => (reading.value ?? 0) !== 0));
  await counter.count(3);
  const before = counter.value;
  relay.cut();
  await counter.until(() => events.includes('connection-lost'));
  await counter.count((seconds * 1_000) / PERIOD);
  const during = counter.value - before;
  relay.mend();
  const mended = performance.now();
  await counter.until(() => events.includes('history-filled'));
  const fillingTook = performance.now() - mended;
  await counter.count(3);
  await counter.until(() => records.some((reading) => reading.value === counter.value));
  stop.abort();
  await running;

  const good = records.filter(({ quality, value }) => quality === 'good' && Number(value) > 0);
  const recorded = good.map(({ value }) => Number(value));
  const [first = 0] = recorded;
  return {
    measured: Array.from({ length: Math.max(...recorded) - first + 1 }, (_, index) => first + index),
    recorded,
    filled: good.filter(({ reason }) => reason === 'historical').map(({ value }) => Number(value)),
    during,
    fillingTook,
  };
}

type Records = { readonly records: Reading[]; readonly events: EventName[] };

function collecting(port: number, folder: string, { records, events }: Records): Collector {
  const context: CollectorContext = {
    clock: systemClock,
    report: (event) => void events.push(event),
    shown: () => undefined,
    intern: async () => [],
    folder,
    state: memoryState(),
    newest: async () => new Map(),
    recorder: {
      record: (readings) => {
        records.push(...readings);
        return undefined;
      },
      flush: async () => undefined,
    },
  };
  const address = opcua.schemas.point.parse({ node: 'nsu=urn:weir:plant;s=Historical', sampling: '50ms' });
  const settings = opcua.schemas.connection.parse({
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    security: OPEN,
    publishing: '100ms',
    keepAlive: '1s',
    timeout: '30s',
  });
  const device = { ...deviceSetup('plant', { address, every: 500 }), settings: opcua.schemas.device.parse({}) };
  return new Collector({ id: 'plc', settings, devices: [device] }, opcua, context);
}

/** Has the plant count, each value once. */
function countingIn(plant: Plant) {
  const counter = {
    value: 0,
    count: async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        counter.value += 1;
        await plant.tell({ do: 'set', name: 'Historical', value: counter.value });
        await sleep(PERIOD); // the pace of the plant: nothing is waited for
      }
    },
    /** Counts until something holds. */
    until: async (holds: () => boolean): Promise<void> => {
      while (!holds()) await counter.count(1);
    },
  };
  return counter;
}
