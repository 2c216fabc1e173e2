import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEntry } from '../../../src/ops/audit/entry.ts';
import { readLines } from '../../../src/ops/audit/files.ts';
import { scriptedDriver } from '../../support/scripted-driver.ts';
import { startedGateway } from '../../support/started-gateway.ts';

test('a decision about a certificate is in the audit log before it is carried out, and told', async () => {
  await using gateway = await startedGateway(scriptedDriver({ read: () => Promise.resolve([]) }), {});
  const decision = { decision: 'rejected', side: 'server', subject: 'CN=x', fingerprint: 'AB:CD', by: 'anna' } as const;
  await gateway.control.decide(decision);
  const entries = readLines(join(gateway.folder, 'journal/audit.log')).map(({ text }) => openEntry(text));
  expect(entries.at(-1)).toMatchObject({ event: 'trust-decided', detail: decision });
  expect(gateway.told).toContainEqual({ event: 'trust-decided', fields: decision });
});
