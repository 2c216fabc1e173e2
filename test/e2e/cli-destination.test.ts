import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { askWeir } from '../support/kept-weir.ts';
import { startWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder[Symbol.asyncDispose]());

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });

function configure(destinations: object): Promise<void> {
  const configuration = {
    gateway: { id: 'test' },
    journal: { path: './journal', keep: { size: '1GiB', age: '30d' } },
    destinations,
  };
  return writeFile(join(folder.path, 'weir.yaml'), JSON.stringify(configuration));
}

test('destination list shows where readings go, what is selected, and never a password', async () => {
  await writeFile(join(folder.path, 'password'), 'canary', { mode: 0o600 });
  await configure({
    energy: {
      url: 'mqtts://energy.example:8883',
      user: { name: 'weir', password: { file: 'password' } },
      tls: { allowInsecure: 'the test has no authority' },
      select: { domain: ['energy', 'water'], label: { city: ['geneva'] } },
    },
    city: { url: 'mqtt://127.0.0.1' },
  });
  const [shown, json] = await Promise.all([weir('destination', 'list'), weir('destination', 'list', '--json')]);
  expect(shown.stdout).toMatch(
    /^energy +mqtts:\/\/energy\.example:8883 +weir +domain energy, water; label city=geneva /m,
  );
  expect(shown.stdout).toContain('not verified: the test has no authority');
  expect(shown.stdout).toMatch(/^city .* everything$/m);
  expect(JSON.parse(json.stdout)).toMatchObject([
    { name: 'energy', user: 'weir' },
    { name: 'city', user: null },
  ]);
  expect(shown.stdout + json.stdout).not.toContain('canary');
});

testWith('mosquitto', 'destination test names each step on the way to a broker', async () => {
  await using broker = await startMosquitto();
  await configure({ centre: { url: broker.url } });
  const [shown, json] = await Promise.all([
    weir('destination', 'test', 'centre'),
    weir('destination', 'test', '--json'),
  ]);
  expect([shown.exit, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout.split('\n').map((line) => line.slice(0, 9).trimEnd())).toEqual([
    'centre  m',
    '✓ tcp',
    '✓ connect',
    '✓ publish',
    '✓ round-t',
    '',
  ]);
  const { ok, destinations } = JSON.parse(json.stdout);
  expect([ok, destinations[0].steps.map((step: { name: string }) => step.name)]).toEqual([
    true,
    ['tcp', 'connect', 'publish', 'round-trip'],
  ]);
});

testWith('mosquitto', 'destination test stops at the step that fails, and says what to check', async () => {
  await using broker = await startMosquitto({ anonymous: false });
  await configure({ centre: { url: broker.url } });
  const { exit, stdout, stderr } = await weir('destination', 'test');
  expect(exit).toBe(69);
  expect(stdout).toMatch(/^✓ tcp .*\n✗ connect .*not authorised/m);
  expect(stdout).not.toContain('publish');
  expect(stderr).toMatch(
    /^weir: centre: .*not authorised.*\n→ Check that this is the broker.s MQTT port, and what it grants us: user, password/,
  );
});

test('destination test goes on with the others where one is out of reach, and fails in the end', async () => {
  const [one, other] = [await freePort(), await freePort()];
  await configure({ one: { url: `mqtt://127.0.0.1:${one}` }, other: { url: `mqtt://127.0.0.1:${other}` } });
  const { exit, stdout, stderr } = await weir('destination', 'test');
  expect([exit, stdout.match(/^✗ tcp/gm)?.length]).toEqual([69, 2]);
  expect(stderr).toContain('→ Check the url and the network');
});

test('Ctrl-C ends a test that waits, without words, as the shell expects', async () => {
  const port = await freePort();
  const mute = createServer(() => undefined).listen(port, '127.0.0.1');
  await once(mute, 'listening');
  await configure({ centre: { url: `mqtt://127.0.0.1:${port}` } });
  const testing = startWeir(['destination', 'test'], { cwd: folder.path });
  const ended = once(testing, 'exit');
  const stderr = text(testing.stderr);
  let shown = '';
  testing.stdout.setEncoding('utf8').on('data', (chunk: string) => (shown += chunk));
  while (!shown.includes('✓ tcp')) await once(testing.stdout, 'data');
  testing.kill('SIGINT');
  await expect(ended).resolves.toEqual([130, null]);
  await expect(stderr).resolves.toBe('');
  mute.close();
});

test('destination test knows its names', async () => {
  await configure({ centre: { url: 'mqtt://127.0.0.1' } });
  const { exit, stderr } = await weir('destination', 'test', 'center');
  expect([exit, stderr]).toEqual([64, expect.stringContaining('there is no destination center; there are: centre')]);
});
