import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askWeir } from '../support/kept-weir.ts';
import { runWeir, startWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const shipped = new URL('../../config/', import.meta.url).pathname;

const gateway = 'gateway: { id: test }\njournal: { path: ./journal, keep: { size: 1GiB, age: 30d } }\n';
const meter = `connections:
  switchroom: { driver: modbus, transport: tcp, host: 127.0.0.1 }
devices:
  main-meter: { connection: switchroom, unit: 1, every: 10s, profile: eastron/sdm630 }
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder[Symbol.asyncDispose]());

const weir = (...words: readonly string[]): Promise<Ended> => askWeir(words, { cwd: folder.path });
const write = (configuration: string): Promise<void> => writeFile(join(folder.path, 'weir.yaml'), configuration);

describe('weir config check', () => {
  test('counts what is configured when all is well', async () => {
    await write(gateway + meter);
    await expect(weir('config', 'check')).resolves.toEqual({
      exit: 0,
      stdout: expect.stringMatching(
        /^✓ \/.*weir\.yaml: 1 connection, 1 device, \d+ points, 0 destinations\n {2}SHA-256 [0-9a-f]{64}\n$/,
      ),
      stderr: '',
    });
  });

  test('names every fault with its place and key, and exits with 78', async () => {
    await write(`${gateway}${meter.replace('unit: 1', 'unti: 1')}destinations:\n  centre: { url: 'ftp://x' }\n`);
    const { exit, stdout } = await weir('config', 'check');
    expect(exit).toBe(78);
    expect(stdout).toMatch(/^✗ weir\.yaml:6:\d+ devices\.main-meter\.unti: .*unit/m);
    expect(stdout).toMatch(/^✗ weir\.yaml:8:\d+ destinations\.centre\.url: /m);
  });

  test('tells programs the same, and takes the file as an argument too', async () => {
    await write(gateway + meter.replace('10s', 'often'));
    const file = join(folder.path, 'weir.yaml');
    const { exit, stdout } = await askWeir(['config', 'check', file, '--json']);
    expect([exit, JSON.parse(stdout)]).toEqual([
      78,
      { ok: false, faults: [expect.objectContaining({ file, line: 6, key: 'devices.main-meter.every' })], hash: null },
    ]);
  });
});

test('weir config show prints a configuration that means the same when it is loaded again', async () => {
  await write(gateway + meter);
  const first = await weir('config', 'show');
  await write(first.stdout);
  const again = await weir('config', 'show', '--json');
  expect([first.exit, again.exit]).toEqual([0, 0]);
  expect(JSON.parse(again.stdout)).toMatchObject({ devices: { 'main-meter': { unit: 1, every: '10s' } } });
  await expect(weir('config', 'show')).resolves.toEqual(first);
});

test('weir config schema prints the schema, or writes it beside the example with the reference', async () => {
  await copyFile(join(shipped, 'weir.example.yaml'), join(folder.path, 'weir.example.yaml'));
  const printed = await weir('config', 'schema');
  const written = await weir('config', 'schema', '--write', '.', '--json');
  expect(JSON.parse(written.stdout)).toEqual(['weir.schema.json', 'reference.md']);
  const [schema, reference] = await Promise.all(
    ['weir.schema.json', 'reference.md'].map((name) => readFile(join(folder.path, name), 'utf8')),
  );
  expect(schema).toBe(printed.stdout);
  expect(reference).toMatch(/^# The configuration/);
});

describe('weir profile', () => {
  test('list shows those we ship, and those beside the configuration', async () => {
    await write(gateway);
    await mkdir(join(folder.path, 'profiles/acme'), { recursive: true });
    await copyFile(join(shipped, 'profiles/eastron/sdm630.yaml'), join(folder.path, 'profiles/acme/x1.yaml'));
    const names = (await weir('profile', 'list')).stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(['acme/x1', 'eastron/sdm630', 'abb/b23']));
    const listed = JSON.parse((await weir('profile', 'list', '--json')).stdout);
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'abb/b23', driver: 'modbus', points: expect.any(Number) }),
    );
  });

  test('list finds those that have a word about them, and says so where none has', async () => {
    const { stdout } = await weir('profile', 'list', 'charging', 'c-series');
    expect(stdout.split('\n')[1]).toMatch(/^keba\/p30 +KEBA +KeContact P30 +mobility +modbus +\d+ +document$/);
    await expect(weir('profile', 'list', 'charging', 'horses')).resolves.toMatchObject({
      exit: 0,
      stdout: 'no profile has charging and horses\n',
    });
  });

  test('show names the document, and each point with place, type, unit and OBIS code', async () => {
    const { exit, stdout } = await weir('profile', 'show', 'eastron/sdm630');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Eastron SDM630/);
    expect(stdout).toMatch(/^voltage-l1 +input 0\.\.1 +float32 ABCD +V +gauge +1-0:32\.7\.0$/m);
    const shown = JSON.parse((await weir('profile', 'show', 'eastron/sdm630', '--json')).stdout);
    expect(shown.points[0]).toMatchObject({ name: 'voltage-l1', obis: '1-0:32.7.0', unit: 'V', type: 'float32' });
  });

  test('show of one that does not exist names the nearest', async () => {
    const { exit, stderr } = await weir('profile', 'show', 'eastron/smd630');
    expect([exit, stderr]).toEqual([78, expect.stringContaining('did you mean eastron/sdm630?')]);
  });

  test('check finds those we ship in order, and names the line of a fault', async () => {
    await expect(weir('profile', 'check')).resolves.toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^✓ \d+ profiles/),
    });
    const source = await readFile(join(shipped, 'profiles/eastron/sdm630.yaml'), 'utf8');
    await writeFile(join(folder.path, 'mine.yaml'), source.replace('float32', 'float31'));
    const { exit, stdout } = await weir('profile', 'check', 'mine.yaml');
    expect([exit, stdout]).toEqual([78, expect.stringMatching(/^✗ mine\.yaml:\d+:\d+ .*float31/)]);
  });

  test("check warns of what is odd in a site's own profile, and refuses it when it is to be strict", async () => {
    const source = await readFile(join(shipped, 'profiles/siemens/mag6000.yaml'), 'utf8');
    await writeFile(join(folder.path, 'mine.yaml'), source.replace('  water-volume-2:', '  second:'));
    const odd = /^([!✗]) mine\.yaml:\d+:\d+ points\.second: second measures water-volume/;
    const lenient = await weir('profile', 'check', 'mine.yaml');
    expect([lenient.exit, odd.exec(lenient.stdout)?.[1], lenient.stdout]).toEqual([
      0,
      '!',
      expect.stringContaining('✓ 1 profile'),
    ]);
    const strict = await weir('profile', 'check', '--strict', 'mine.yaml');
    expect([strict.exit, odd.exec(strict.stdout)?.[1]]).toEqual([78, '✗']);
    const { ok, warnings } = JSON.parse((await weir('profile', 'check', 'mine.yaml', '--json')).stdout);
    expect([ok, warnings.length]).toEqual([true, 1]);
  });
});

describe('weir simulate', () => {
  test('plays devices that the configuration it prints can read, until it is interrupted', async () => {
    const simulator = startWeir(['simulate', 'eastron/sdm630', 'abb/b23', '--port', '0', '--unit', '7']);
    const closed = once(simulator, 'close');
    const stderr = text(simulator.stderr);
    let snippet = '';
    for await (const chunk of simulator.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      snippet += chunk;
      if (snippet.includes('unit-8')) break;
    }
    await write(gateway + snippet);
    const read = await Promise.all(
      ['unit-7', 'unit-8'].map((id) => runWeir(['device', 'read', id, '--json'], { cwd: folder.path })),
    );
    const qualities = read.flatMap(({ stdout }) => JSON.parse(stdout)).map(({ quality }) => quality);
    expect(qualities.length).toBeGreaterThan(100);
    expect(new Set(qualities)).toEqual(new Set(['good']));
    simulator.kill('SIGINT');
    await expect(closed).resolves.toEqual([0, null]);
    await expect(stderr).resolves.toMatch(/listening on 127\.0\.0\.1:\d+/);
  });

  test.each([
    ['a profile that does not exist', ['eastron/smd630'], 78],
    ['a driver and nothing to play', ['modbus'], 64],
    ['a unit beyond the last', ['eastron/sdm630', 'abb/b23', '--unit', '255'], 64],
    ['a port that does not exist', ['eastron/sdm630', '--port', '70000'], 64],
  ])('%s is an error', async (_what, words, code) => {
    await expect(weir('simulate', ...words)).resolves.toMatchObject({ exit: code, stdout: '' });
  });
});
