import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfiguration } from '../../../src/config/load.ts';
import { checkProfile } from '../../../src/config/profile-check.ts';
import { writeReference, uncommented } from '../../../src/config/reference.ts';
import { drivers } from '../../../src/drivers.ts';
import { writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = new URL('../../../config', import.meta.url).pathname;
const shipped = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

test.each(['weir.schema.json', 'reference.md'])('%s is what the schemas say now', async (name) => {
  await using copy = await temporaryFolder();
  await writeFiles(copy.path, { 'weir.example.yaml': await shipped('weir.example.yaml') });
  expect(await writeReference(drivers, copy.path)).toContain(join(copy.path, name));
  expect(await shipped(name), 'it is stale: npm run generate').toBe(await readFile(join(copy.path, name), 'utf8'));
});

test('every key of every section is in the reference, with its meaning', async () => {
  const text = await shipped('reference.md');
  for (const row of text.split('\n').filter((line) => line.startsWith('| `'))) {
    const meaning = row
      .split(/(?<!\\)\|/)
      .at(-2)
      ?.trim();
    expect(meaning, row).not.toBe('');
  }
  for (const key of [
    'keep.size',
    'every',
    'deadband',
    'write.step',
    'read',
    'maxGap',
    'tls.allowInsecure',
    'select.label',
  ]) {
    expect(text).toContain(`| \`${key}\` |`);
  }
});

test('the example is right as it stands, once its secrets are there', async () => {
  await using copy = await temporaryFolder();
  const example = (await shipped('weir.example.yaml')).replaceAll('/etc/weir/', '');
  await writeFiles(copy.path, {
    'weir.yaml': example,
    'energy-centre.password': 'x',
    'plant.password': 'x',
    'ca.pem': 'x',
    'plant-ca.pem': 'x',
    'gateway.pem': 'x',
    'gateway.key': 'x',
  });
  const unchecked = await loadConfiguration(join(copy.path, 'weir.yaml'), drivers, { secrets: 'unchecked' });
  expect(unchecked.devices.map(({ id, points }) => [id, points.length > 5])).toEqual([
    ['main-meter', true],
    ['flat-1', true],
    ['flat-2', true],
    ['roof', false], // it describes itself
    ['boiler', true],
    ['press-4', false], // two of its points
  ]);
  const checking = loadConfiguration(join(copy.path, 'weir.yaml'), drivers);
  await expect(checking).rejects.toMatchObject({ code: 'secret-unavailable' });
});

test('the editor schema takes the example and refuses what is wrong with it', async () => {
  const schema = z.fromJSONSchema(JSON.parse(await shipped('weir.schema.json')));
  const example = parse(await shipped('weir.example.yaml'));
  expect(schema.safeParse(example).error).toBeUndefined();
  expect(schema.safeParse({ ...example, jurnal: {} }).success).toBe(false);
  expect(schema.safeParse({ ...example, journal: { commit: 1 } }).success).toBe(false);
  expect(
    schema.safeParse({ ...example, devices: { d: { connection: 'c', points: { p: { raed: 'x' } } } } }).success,
  ).toBe(false);
});

test('every section of the example is in the reference as it stands', async () => {
  const reference = await shipped('reference.md');
  const example = uncommented(await shipped('weir.example.yaml'), 'servers');
  const blocks = [...reference.matchAll(/```yaml\n(.*?)\n```/gs)].map(([, block = '']) => block);
  const sections = blocks.filter((block) => !block.startsWith('driver:'));
  expect(sections.map((block) => Object.keys(parse(block)))).toEqual(Object.keys(parse(example)).map((key) => [key]));
  for (const block of sections) expect(example).toContain(block);
});

test('the profile in the reference is a right one', async () => {
  const [, text = ''] = /```yaml\n(driver:.*?)\n```/s.exec(await shipped('reference.md')) ?? [];
  await using copy = await temporaryFolder();
  await writeFiles(copy.path, { 'fm-1.yaml': text });
  expect(await checkProfile(join(copy.path, 'fm-1.yaml'), drivers)).toMatchObject({ faults: [] });
});
