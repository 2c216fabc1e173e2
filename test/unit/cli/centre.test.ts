import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Ledger } from '../../../src/centre/ledger.ts';
import { brokerSettings, type BrokerOptions } from '../../../src/cli/centre-broker.ts';
import { centreScreen } from '../../../src/cli/centre-screen.ts';
import { dataMessage, gapMessage, readingsOf, start } from '../../support/centre-messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const url = 'mqtt://localhost:1883';

test.each<[what: string, options: BrokerOptions, message: string]>([
  ['no url', { url: 'localhost' }, '--url must be like'],
  ['another protocol', { url: 'https://broker.example' }, '--url must be like'],
  ['a password in the url', { url: 'mqtt://me:secret@broker.example' }, '--url carries a user or password'],
  ['a password without a user', { url, passwordFile: 'password' }, '--password-file needs --user'],
  ['a certificate without a key', { url, certificate: 'own.pem' }, '--certificate and --key belong together'],
  ['a key without a certificate', { url, key: 'own.key' }, '--certificate and --key belong together'],
  ['authorities that are not there', { url, ca: '/nowhere/ca.pem' }, '--ca cannot be read: ENOENT'],
])('%s is refused with what to do', async (_, options, message) => {
  const refused = expect(brokerSettings(options, 'once')).rejects;
  await refused.toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
  await refused.not.toThrow(/me:secret/);
});

test('secrets come from files of this user alone', async () => {
  await using folder = await temporaryFolder();
  const passwordFile = join(folder.path, 'password');
  await writeFile(passwordFile, 'correct horse\n', { mode: 0o600 });
  const options = { url, user: 'centre', passwordFile };
  expect((await brokerSettings(options, 'once')).user).toEqual({ name: 'centre', password: 'correct horse' });
  await chmod(passwordFile, 0o644);
  await expect(brokerSettings(options, 'once')).rejects.toMatchObject({ code: 'secret-unavailable' });
});

test('only a client id of its own gives a centre a session', async () => {
  expect(await brokerSettings({ url }, 'once')).toMatchObject({ clientId: 'once', session: false });
  expect(await brokerSettings({ url, clientId: 'archive' }, 'once')).toMatchObject({
    clientId: 'archive',
    session: true,
  });
});

test('the screen says first whether everything is there', async () => {
  const ledger = new Ledger({ remember: 1000, fromStart: true });
  expect(await centreScreen(ledger.report(start))).toBe('✗ nothing was received');
  ledger.book({ kind: 'status', gateway: 'harbour-08', state: 'offline' }, start);
  ledger.book(dataMessage({ after: 0, upto: 10 }), start + 100);
  const complete = (await centreScreen(ledger.report(start + 1000))).split('\n');
  expect(complete[0]).toBe('✓ nothing is missing: 10 readings');
  expect(complete[3]).toMatch(/^harbour-07 +6f1c9a2e +unknown +10 .* contiguous 1…10 /);
  expect(complete.at(-1)).toBe('harbour-08 is offline and has sent nothing');
});

test('the screen lists faults, worst first, and not more of them than fit', async () => {
  const ledger = new Ledger({ remember: 1000, fromStart: true });
  const covers = { after: 0, upto: 10 };
  ledger.book(dataMessage(covers), start);
  ledger.book(dataMessage(covers, { readings: readingsOf(covers, (seq) => seq !== 4) }), start);
  ledger.book({ kind: 'rejected', reason: 'not-json', detail: 'weir/1/harbour-07/live: …' }, start);
  ledger.book(gapMessage({ after: 10, upto: 13 }), start);
  for (let seq = 20; seq < 40; seq += 2) ledger.book(dataMessage({ after: seq - 1, upto: seq }), start);
  const lines = (await centreScreen(ledger.report(start))).split('\n');
  expect(lines[0]).toBe('✗ 15 sequences missing, 1 repeat unlike the first delivery, 1 message rejected');
  expect(lines.slice(-9)).toEqual([
    'conflict  harbour-07: reading 4 has vanished in a repeat',
    'rejected  1 message: not-json',
    'missing   harbour-07: 14…19',
    ...[21, 23, 25, 27, 29].map((seq) => `missing   harbour-07: ${seq}…${seq}`),
    '… and 5 more: see --json',
  ]);
});
