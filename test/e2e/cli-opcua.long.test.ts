import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPlant, type Plant } from '../support/opcua-server.ts';
import { runWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let plant: Plant;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

const weir = (...words: readonly string[]): Promise<Ended> => runWeir(words, { cwd: folder.path });

beforeAll(async () => {
  folder = await temporaryFolder();
  plant = await startPlant();
  await writeFile(
    join(folder.path, 'weir.yaml'),
    `gateway: { id: test } # a test
journal: { path: ./journal }
connections:
  plc: { driver: opcua, endpoint: "${plant.endpoint}", timeout: 30s }
`,
  );
}, 120_000);

afterAll(async () => {
  await plant[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test('from an unknown server to readings: discover, trust, browse, add, read, reject, renew', async () => {
  const discovered = await weir('opcua', 'discover', plant.endpoint);
  expect(discovered.stdout).toContain('Basic256Sha256');
  expect(discovered.stdout).toContain('not trusted');
  const refused = await weir('device', 'browse', 'plc');
  expect(refused.exit).toBe(69);
  const [, thumbprint = ''] = /weir opcua trust ([0-9A-F]{16})/.exec(refused.stderr) ?? [];
  expect((await weir('opcua', 'trust', thumbprint)).exit).toBe(64); // nobody is there to confirm

  const trusted = await weir('opcua', 'trust', thumbprint, '--yes');
  for (const word of ['subject', 'issuer', 'application  urn:weir:test:plant', 'valid', 'SHA-256', 'SHA-1']) {
    expect(trusted.stderr).toContain(word);
  }
  expect(trusted.stdout).toContain('Trusted: ');
  const audited = await weir('audit', 'show', '--event', 'trust-decided', '--json');
  expect(JSON.parse(audited.stdout)).toMatchObject({
    event: 'trust-decided',
    detail: { decision: 'trusted', side: 'client', by: expect.any(String) as string },
  });
  expect((await weir('audit', 'verify')).exit).toBe(0);

  const browsed = await weir('device', 'browse', 'plc', '--search', 'boiler');
  expect(browsed.stdout).toMatch(/Plant\/Boiler +50 {2}Double +nsu=urn:weir:plant;s=Boiler {2}Flow temperature/);
  const tree = JSON.parse((await weir('device', 'browse', 'plc', '--json')).stdout) as {
    name: string;
    point?: object;
  }[];
  expect(tree.find(({ name }) => name === 'State')?.point).toMatchObject({
    node: 'nsu=urn:weir:plant;s=State',
    type: 'int32',
    labels: { 0: 'Running', 1: 'Failed' },
  });
  expect(tree.find(({ name }) => name === 'Doubles')).toMatchObject({ value: { text: '3 values', type: 'Double[]' } });

  const added = await weir(
    'device',
    'add',
    'press',
    '--connection',
    'plc',
    '--from-browse',
    '--search',
    'int64',
    '--yes',
  );
  expect(added.stdout).toContain('3 points added to press');
  const configuration = await readFile(join(folder.path, 'weir.yaml'), 'utf8');
  expect(configuration).toContain('gateway: { id: test } # a test');
  expect(configuration).toContain('Plant.Int64Least: { node: nsu=urn:weir:plant;s=Int64Least, type: int64 }');

  const read = await weir('device', 'read', 'press', '--json');
  expect(read.stdout).toContain('-9223372036854775808');

  const list = JSON.parse((await weir('opcua', 'certificates', '--json')).stdout) as { store: string }[];
  expect(list.map(({ store }) => store).sort()).toEqual(['own', 'trusted']);
  expect((await weir('opcua', 'renew', '--yes')).stdout).toContain('SHA-256');
  expect((await weir('opcua', 'reject', thumbprint)).stdout).toContain('Rejected');
  expect((await weir('device', 'read', 'press')).stderr).toContain('not trusted');
  expect((await weir('opcua', 'certificates')).stdout).toContain('rejected by name');
  expect((await weir('opcua', 'reject', plant.endpoint)).stdout).toContain(`Rejected: ${thumbprint}`);
}, 300_000);

test('what cannot be discovered or trusted is named', async () => {
  expect((await weir('opcua', 'discover', 'http://127.0.0.1')).exit).toBe(64);
  expect((await weir('opcua', 'discover', 'opc.tcp://127.0.0.1:1')).exit).toBe(69);
  expect((await weir('opcua', 'reject', '0123456789')).stderr).toContain('no certificate');
}, 120_000);
