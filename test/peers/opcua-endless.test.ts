import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { startPlant, type Plant } from '../support/opcua-server.ts';
import { NEVER, OPEN, openOpcua } from '../support/opcua-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const COUNT = 2_500;
const STEP = 1_000; // milliseconds

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let plant: Plant;
const from = Date.now() - 3 * COUNT * STEP;

beforeAll(async () => {
  folder = await temporaryFolder();
  plant = await startPlant();
  await plant.tell({ do: 'remember', from, step: STEP, count: COUNT });
}, 120_000);

afterAll(async () => {
  await plant[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test.each(['the same', 'nothing', 'later values'] as const)(
  'of a server that goes on without end by %s, what it had is told, once, and then that it does not end',
  async (by) => {
    await plant.tell({ do: 'neverEnd', by });
    await using opened = await openOpcua({
      folder: folder.path,
      connection: { endpoint: plant.endpoint, security: OPEN, timeout: '30s' },
      points: { kept: { node: 'nsu=urn:weir:plant;s=Historical' } },
    });
    const session = opened.session as Session;

    const told: Reading[] = [];
    const reading = async (): Promise<void> => {
      const span = { from: from + STEP, to: from + COUNT * STEP };
      for await (const portion of session.history?.(opened.device, opened.device.points, span, NEVER) ?? []) {
        told.push(...portion);
      }
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'answer-malformed',
      message: expect.stringContaining('plant/kept') as string,
    });
    const times = told.map(({ sourceTime }) => sourceTime);
    expect(times.length).toBeGreaterThan(100);
    expect(new Set(times).size).toBe(times.length);

    await expect(session.browse?.('nsu=urn:weir:plant;s=Plant', NEVER)).rejects.toMatchObject({
      code: 'answer-malformed',
      message: expect.stringContaining('without end') as string,
    });
  },
  60_000,
);
