import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { startPlant } from '../support/opcua-server.ts';
import { Ear, OPEN, openOpcua } from '../support/opcua-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROUNDS = 500;
const WARM = 100; // what is loaded and compiled once is by then

test('five hundred sessions later the heap is as it was, and the server holds none of them', async () => {
  await using folder = await temporaryFolder();
  await using plant = await startPlant();
  const connection = { endpoint: plant.endpoint, security: OPEN, publishing: '100ms' };
  const points = { double: { node: 'nsu=urn:weir:plant;s=Double' }, boiler: { node: 'nsu=urn:weir:plant;s=Boiler' } };
  const heaps: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using opened = await openOpcua({ folder: folder.path, connection, points });
    await using ear = new Ear(opened.session, opened.device);
    await ear.until(({ readings }) => readings.length >= 2);
    // Half of them end as lost ones do.
    if (round % 2 === 1) {
      await plant.tell({ do: 'closeSessions' });
      await ear.ended.catch(() => undefined);
    }
    if (round % 50 === 49) heaps.push(heapAfterCollection());
  }
  const warm = heaps[WARM / 50 - 1] ?? 0;
  expect((heaps.at(-1) ?? 0) - warm).toBeLessThan(5 * 2 ** 20);
  expect(await plant.tell({ do: 'figures' })).toMatchObject({ sessions: 0, subscriptions: 0 });
}, 1_200_000);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
