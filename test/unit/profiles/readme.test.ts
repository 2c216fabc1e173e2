import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { shipped } from './shipped-profile.ts';

const readmeFile = new URL('../../../config/profiles/README.md', import.meta.url).pathname;

/** The table under "The profiles", which ends the README. */
const table = [
  '| Profile | Device | What it is | Points | Identified | Verified |',
  '| --- | --- | --- | --- | --- | --- |',
  ...shipped.map(({ profile }) => {
    const { name, vendor, model, description, points, fingerprint, verified } = profile;
    const identified = fingerprint.length > 0 ? 'yes' : '';
    return row(`\`${name}\``, `${vendor} ${model}`, description, `${points}`, identified, verified);
  }),
].join('\n');

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

// Run with -u, it writes the table anew: npm test -- test/unit/profiles/readme.test.ts -u
test('the table in the README is that of the profiles in the folder', async () => {
  const [text = ''] = (await readFile(readmeFile, 'utf8')).split('\n| Profile |');
  expect(text).toContain('## The profiles');
  await expect(`${text}\n${table}\n`).toMatchFileSnapshot(readmeFile);
});
