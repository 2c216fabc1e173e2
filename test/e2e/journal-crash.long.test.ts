import { expect, test } from 'vitest';
import { killAtRandom } from '../support/journal-crashes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('nothing committed is lost in 200 kills at random instants', async () => {
  await using folder = await temporaryFolder();
  expect(await killAtRandom(folder.path, { times: 200, seed: 2 })).toBeGreaterThan(10_000);
});
