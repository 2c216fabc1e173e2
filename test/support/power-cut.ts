import { execFile } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cutScript, peerPath } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

/** A file system whose power can be cut. */
export type CuttableDisk = AsyncDisposable & {
  readonly path: string;
  /** Cuts the power; resolves with `process.hrtime.bigint()` of a moment when it was still there. */
  cut(): Promise<bigint>;
  /** Gives it the power back; nobody may have anything open on it. */
  restore(): Promise<void>;
};

const SIZE = 64 * 1_048_576;

/** An ext4 of its own, for tests that need the peer `power-cut`. */
export async function cuttableDisk(): Promise<CuttableDisk> {
  const folder = await temporaryFolder();
  const image = join(folder.path, 'image');
  const path = join(folder.path, 'disk');
  await writeFile(image, '');
  await truncate(image, SIZE);
  await mkdir(path);
  await run('mkfs.ext4', ['-q', '-F', image]);
  const mount = () => run('mount', ['-o', 'loop', image, path]);
  await mount();
  return {
    path,
    cut: async () => BigInt((await run(peerPath('python'), [cutScript, path])).stdout.trim()),
    restore: async () => {
      await run('umount', [path]);
      await mount();
    },
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
