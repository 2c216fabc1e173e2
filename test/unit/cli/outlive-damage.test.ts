import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outliveDamage } from '../../../src/cli/outlive-damage.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const damage = new GatewayError('journal-corrupt', 'a page is not what it was');

test('a gateway whose journal is damaged begins again at once, and finds a word about it in the folder', async () => {
  await using folder = await temporaryFolder();
  const lives: boolean[] = [];
  await outliveDamage(
    { folder: folder.path, clock: new FakeClock(), signal: new AbortController().signal },
    async () => {
      lives.push(existsSync(join(folder.path, 'suspect')));
      if (lives.length === 1) throw damage;
    },
  );
  expect(lives).toEqual([false, true]);
});

test('a disk that damages everything is given a minute between two lives', async () => {
  await using folder = await temporaryFolder();
  const clock = new FakeClock();
  const lives: number[] = [];
  const [second, third] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stop = new AbortController();
  const outlived = outliveDamage({ folder: folder.path, clock, signal: stop.signal }, async () => {
    lives.push(clock.monotonic());
    if (lives.length === 2) second.resolve();
    if (lives.length === 3) third.resolve();
    throw damage;
  });
  outlived.catch(() => undefined);
  await second.promise;
  await clock.advance(59_000);
  expect(lives).toHaveLength(2);
  await clock.advance(1_000);
  await third.promise;
  expect((lives[2] ?? 0) - (lives[1] ?? 0)).toBe(60_000);
  stop.abort(new Error('enough'));
  await expect(outlived).rejects.toThrow('enough');
});

test('any other end is its end', async () => {
  await using folder = await temporaryFolder();
  const other = new GatewayError('journal-failed', 'the disk is gone');
  const live = () => Promise.reject(other);
  const options = { folder: folder.path, clock: new FakeClock(), signal: new AbortController().signal };
  await expect(outliveDamage(options, live)).rejects.toBe(other);
  expect(existsSync(join(folder.path, 'suspect'))).toBe(false);
});
