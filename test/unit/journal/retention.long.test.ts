import { expect, test } from 'vitest';
import { bulky, countersFrom, openTestJournal } from '../../support/journals.ts';
import { expectComplete } from '../../support/ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MIB = 1_048_576;
const DAY = 86_400_000;

test('what dropping by class leaves is never in more than a few thousand pieces: then the oldest goes, alarms too', async () => {
  await using folder = await temporaryFolder();
  await using journal = await openTestJournal(folder.path, { keep: { size: 4 * MIB, age: DAY } });
  await journal.destinations(['centre']);
  const pairs = 6_000;
  for (let pair = 0; pair < pairs; pair += 1) {
    await journal.append(bulky({ class: 'bulk' }));
    await journal.append(countersFrom(1, 1, { class: 'alarm' }));
  }
  const [state] = await journal.destinations(['centre']);
  expect(state?.pending.length).toBeGreaterThan(3_000);
  expect(state?.pending.length).toBeLessThan(4_200);
  expect((await journal.status()).oldest).toBeGreaterThan(900);
  await expectComplete(journal, 'centre', []);
});
