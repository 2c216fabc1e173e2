import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { opcua } from '../../drivers/opcua/driver.ts';
import { Collector, type CollectorContext } from '../../src/collect/collector.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { EventName } from '../../src/ops/events.ts';
import { deviceSetup } from '../support/collecting.ts';
import { startPlant } from '../support/opcua-server.ts';
import { memoryState } from '../support/memory-state.ts';
import { OPEN } from '../support/opcua-session.ts';
import { Relay } from '../support/relay.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PERIOD = 200; // milliseconds between two values of the plant

test('what the server measured during an outage is read back: no value is missing, and none came twice', async () => {
  await using folder = await temporaryFolder();
  await using plant = await startPlant();
  await using relay = await Relay.to(plant.port);
  const recorded: Reading[] = [];
  const events: EventName[] = [];
  const context: CollectorContext = {
    clock: systemClock,
    report: (event) => void events.push(event),
    shown: () => undefined,
    intern: async () => [],
    folder: folder.path,
    state: memoryState(),
    newest: async () => new Map(),
    recorder: {
      record: (readings) => {
        recorded.push(...readings);
        return undefined;
      },
      flush: async () => undefined,
    },
  };
  const node = 'nsu=urn:weir:plant;s=Historical';
  const address = opcua.schemas.point.parse({ node, sampling: '50ms' });
  const settings = opcua.schemas.connection.parse({
    endpoint: `opc.tcp://127.0.0.1:${relay.port}`,
    security: OPEN,
    publishing: '100ms',
    keepAlive: '1s',
    timeout: '30s',
  });
  const device = { ...deviceSetup('plant', { address, every: 500 }), settings: opcua.schemas.device.parse({}) };
  const collector = new Collector({ id: 'plc', settings, devices: [device] }, opcua, context);
  const stop = new AbortController();
  const running = collector.run(stop.signal);

  let value = 0;
  const measure = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      value += 1;
      await plant.tell({ do: 'set', name: 'Historical', value });
      await sleep(PERIOD); // the pace of the plant: nothing is waited for
    }
  };
  const until = async (what: () => boolean): Promise<void> => {
    while (!what()) await measure(1);
  };
  await until(() => recorded.some((reading) => (reading.value ?? 0) !== 0));
  await measure(3);
  relay.cut();
  await until(() => events.includes('connection-lost'));
  await measure(25);
  relay.mend();
  await until(() => events.includes('history-filled'));
  await measure(3);
  await expect.poll(() => recorded.some((reading) => reading.value === value), { timeout: 30_000 }).toBe(true);
  stop.abort();
  await running;

  const good = recorded.filter(({ quality }) => quality === 'good');
  const first = Number(good.find((reading) => Number(reading.value) > 0)?.value);
  const values = good.map((reading) => Number(reading.value)).filter((each) => each >= first);
  expect(values.toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: value - first + 1 }, (_, index) => first + index),
  );
  const filled = good.filter(({ reason }) => reason === 'historical').map((reading) => Number(reading.value));
  expect(filled.length).toBeGreaterThan(10);
  expect(filled).toEqual(filled.toSorted((one, other) => one - other));
}, 180_000);
