import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { formatFault, type Fault } from '../../../src/config/fault.ts';
import { checkProfile } from '../../../src/config/profile-check.ts';
import { listProfileFiles, profileFolders } from '../../../src/config/profile-folders.ts';

const drivers = { modbus: async () => modbus };

// Each file ends with what is to be found in it, one comment a finding.
const folder = join(import.meta.dirname, '../../fixtures/bad-profiles');
const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));

function findings(severity: string, found: readonly Fault[]): readonly string[] {
  return found.map((fault) => `# ${severity} ${formatFault(fault).replace(/^.*?\.yaml:/, '')}`);
}

test('there is a profile for each thing that can be wrong', () => {
  expect(files.length).toBeGreaterThan(30);
});

test.each(files)('a profile with %s', async (file) => {
  const { faults, warnings } = await checkProfile(join(folder, file), drivers);
  const found = [...findings('fault', faults), ...findings('warning', warnings)];
  const expected = (await readFile(join(folder, file), 'utf8')).split('\n').filter((line) => line.startsWith('# '));
  expect(found).toEqual(expected);
  expect(found).not.toHaveLength(0);
});

test.each(files)('strictly, whatever is odd about %s is wrong', async (file) => {
  const lenient = await checkProfile(join(folder, file), drivers);
  const strict = await checkProfile(join(folder, file), drivers, { strict: true });
  expect(strict.warnings).toEqual([]);
  expect(new Set(strict.faults)).toEqual(new Set([...lenient.faults, ...lenient.warnings]));
});

const shipped = await listProfileFiles(profileFolders());

test.each([...shipped])('%s, which we ship, is right in every respect', async (name, file) => {
  expect(basename(file, '.yaml')).toBe(basename(name));
  expect(await checkProfile(file, drivers)).toEqual({ faults: [], warnings: [] });
});
