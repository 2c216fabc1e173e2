import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { askWeir } from '../support/kept-weir.ts';
import { environment, runWeir, type Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const launcher = new URL('../../src/weir.mjs', import.meta.url).pathname;

test('--version is the version of the package, and nothing else', async () => {
  await expect(runWeir(['--version'])).resolves.toEqual({ exit: 0, stdout: `${packageFile.version}\n`, stderr: '' });
});

test('help goes to the standard output when it is asked for, to the standard error when it is needed', async () => {
  const [asked, needed, spelled] = await Promise.all([runWeir(['--help']), runWeir([]), runWeir(['help'])]);
  expect(asked).toMatchObject({ exit: 0, stderr: '' });
  expect(spelled).toEqual(asked);
  expect(needed).toEqual({ exit: 64, stdout: '', stderr: asked.stdout });
});

test('what a full disk does not take of the output is a failure, not a result that ends in the middle', async () => {
  const [text, json] = await Promise.all([ontoFullDisk('profile', 'list'), ontoFullDisk('profile', 'list', '--json')]);
  expect(text).toEqual({
    exit: 1,
    stderr: expect.stringMatching(
      /^weir: the output is not complete: ENOSPC.*\n→ Check its folder, .*space on its disk, or .*\n$/,
    ),
  });
  expect(json.exit).toBe(1);
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'output-failed', exit: 1 } });
});

/** As `weir … > file` does where there is no space left for the file. */
async function ontoFullDisk(...words: string[]): Promise<Omit<Ended, 'stdout'>> {
  const shell = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, launcher, ...words];
  const child = spawn('/bin/sh', shell, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  const [[exit], stderr] = await Promise.all([once(child, 'close'), readAll(child.stderr)]);
  return { exit, stderr };
}

describe('wrong usage exits with 64 and says what was meant', () => {
  test.each([
    [['statsu'], 'weir', "unknown command 'statsu' (did you mean status?)"],
    [['device', 'lsit'], 'weir device', "unknown command 'lsit' (did you mean list?)"],
    [['status', '--chekc'], 'weir status', "unknown option '--chekc' (did you mean --check?)"],
    [['status', 'now'], 'weir status', /too many arguments for 'status'/],
    [['device', 'read'], 'weir device read', "missing required argument 'target'"],
    [['device', 'read', 'sml', '--count', '2'], 'weir device read', 'sml: name an address to be read there'],
    [
      ['completion', 'tcsh'],
      'weir completion',
      /'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish/,
    ],
    [['--config'], 'weir', /option '--config <file>' argument missing/],
  ])('%j', async (words, command, message) => {
    const { exit, stdout, stderr } = await askWeir(words);
    expect([exit, stdout]).toEqual([64, '']);
    const [first, second] = stderr.split('\n');
    expect(first?.slice('weir: '.length)).toMatch(message);
    expect(second).toBe(`→ See \`${command} --help\`.`);
  });
});

test('with --json an error is one object, wherever the option stands', async () => {
  for (const words of [
    ['--json', 'statsu'],
    ['statsu', '--json'],
  ]) {
    const { exit, stderr } = await askWeir(words);
    expect([exit, JSON.parse(stderr).error.code]).toEqual([64, 'usage']);
  }
});

describe('the configuration', () => {
  test('that does not exist is an error with its name', async () => {
    const { exit, stderr } = await askWeir(['status', '--config', '/nowhere/weir.yaml']);
    expect([exit, stderr]).toEqual([78, expect.stringContaining('/nowhere/weir.yaml')]);
  });

  test('is that of --config, else of WEIR_CONFIG, else weir.yaml in this folder', async () => {
    await using folder = await temporaryFolder();
    const file = async (name: string): Promise<string> => {
      await mkdir(join(folder.path, name));
      await writeFile(join(folder.path, name, 'weir.yaml'), `broken-${name}: true\n`);
      return join(folder.path, name, 'weir.yaml');
    };
    const [named, env] = await Promise.all([file('named'), file('env'), file('here')]);
    const here = { cwd: join(folder.path, 'here') };
    const complaints = await Promise.all([
      askWeir(['status', '--config', named], { ...here, env: { WEIR_CONFIG: env } }),
      askWeir(['status'], { ...here, env: { WEIR_CONFIG: env } }),
      askWeir(['status'], here),
    ]);
    expect(complaints.map(({ stderr }) => /broken-\w+/.exec(stderr)?.[0])).toEqual([
      'broken-named',
      'broken-env',
      'broken-here',
    ]);
  });
});
