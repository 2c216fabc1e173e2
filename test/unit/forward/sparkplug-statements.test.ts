import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedFixture, testWith } from '../../support/peers.ts';

// The table of the specification's statements: complete, and each named proof is a test that exists.

const folder = new URL('../..', import.meta.url).pathname;

const rows = readFileSync(`${folder}/sparkplug/statements.txt`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('tck-id-'))
  .map((line) => {
    const [id = '', proof = ''] = line.split(' | ');
    return { id, proof };
  });
const isExplained = (proof: string): boolean => proof.startsWith('- ');
const proven = rows.filter(({ proof }) => !isExplained(proof));

test('each statement is there once, with a proof or a reason', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.every(({ proof }) => proof.length > 10)).toBe(true);
  expect(rows.length).toBe(203);
  expect(proven.length).toBeGreaterThanOrEqual(190);
});

test('each proof is a test that exists', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
  const missing = proven.filter(({ proof }) => !texts.some((text) => text.includes(`test('${proof}'`)));
  expect(missing).toEqual([]);
});

testWith('fixtures', 'the statements are those of the specification', () => {
  const specified = readFileSync(sharedFixture('sparkplug/tck-edge.txt'), 'utf8');
  const ids = specified.split('\n').flatMap((line) => (line.startsWith('tck-id-') ? [line.split(' | ')[0]] : []));
  expect(rows.map(({ id }) => id)).toEqual(ids.toSorted((a = '', b = '') => (a < b ? -1 : 1)));
});
