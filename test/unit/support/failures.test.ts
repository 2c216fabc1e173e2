import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The table of failures in test/README.md: each proof it names is a test that exists.

const folder = new URL('../..', import.meta.url).pathname;

type Row = { readonly number: number; readonly proof: string };

const rows: readonly Row[] = readFileSync(`${folder}/README.md`, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number = '', , proof = ''] = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(number) ? [{ number: Number(number), proof }] : [];
  });

/** The tests that a row names: each belongs to the file that stands before it. */
function proofsOf({ proof }: Row): readonly { readonly file: string; readonly name: string }[] {
  return proof.split('`').flatMap((file, index, parts) => {
    const names = index % 2 === 0 ? [] : (parts[index + 1] ?? '').matchAll(/"([^"]+)"/g);
    return [...names].map(([, name = '']) => ({ file, name }));
  });
}

function isThere({ file, name }: { readonly file: string; readonly name: string }): boolean {
  const path = `${folder}/${file}`;
  return (
    existsSync(path) &&
    ["'", '"', '`'].map((mark) => mark + name + mark).some((quoted) => readFileSync(path, 'utf8').includes(quoted))
  );
}

test('each failure stands there once, with a proof or a word about what is open', () => {
  const numbers = rows.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  expect(numbers.length).toBeGreaterThan(50);
  expect(rows.filter((row) => proofsOf(row).length === 0 && !/\*open\*|`npm run bench`/.test(row.proof))).toEqual([]);
});

test('each proof is a test that exists, in the file that is named', () => {
  const proofs = rows.flatMap(proofsOf);
  expect(proofs.length).toBeGreaterThan(150);
  expect(proofs.filter((proof) => !isThere(proof))).toEqual([]);
});
