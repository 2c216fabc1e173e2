import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStateFile } from '../../../src/journal/state-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('what was put is there after a restart, and what was removed is not', async () => {
  await using folder = await temporaryFolder();
  const state = await openStateFile(folder.path);
  await Promise.all([state.put('a', '1'), state.put('b', '2'), state.put('a', '3')]);
  await state.put('b', undefined);
  expect([state.get('a'), state.get('b')]).toEqual(['3', undefined]);
  const again = await openStateFile(folder.path);
  expect([again.get('a'), again.get('b')]).toEqual(['3', undefined]);
  expect(statSync(join(folder.path, 'state.json')).mode & 0o777).toBe(0o600);
});

test('a put is in the file when it resolves, also one that comes while another is being written', async () => {
  await using folder = await temporaryFolder();
  const state = await openStateFile(folder.path);
  const onDisk = (): unknown => JSON.parse(readFileSync(join(folder.path, 'state.json'), 'utf8'));
  const first = state.put('counter', '1').then(onDisk);
  const second = state.put('counter', '2').then(onDisk);
  expect(await first).toEqual({ counter: expect.any(String) });
  expect(await second).toEqual({ counter: '2' });
});

test('a file that cannot be understood is named rather than forgotten', async () => {
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, 'state.json'), '{"counter":');
  await expect(openStateFile(folder.path)).rejects.toMatchObject({
    code: 'journal-unusable',
    message: expect.stringContaining('state.json cannot be read'),
  });
});

test('a folder that is gone is told to whoever puts', async () => {
  await using folder = await temporaryFolder();
  const state = await openStateFile(join(folder.path, 'gone'));
  await expect(state.put('a', '1')).rejects.toMatchObject({ code: 'journal-failed' });
  await expect(state.put('b', '1')).rejects.toMatchObject({ code: 'journal-failed' });
});
