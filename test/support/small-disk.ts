import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

export type SmallDisk = AsyncDisposable & {
  readonly path: string;
  /** Takes all the space that is left; `free` gives it back. */
  fill(): Promise<void>;
  free(): Promise<void>;
};

/** A file system of its own with room for `bytes`. Needs the rights of root. */
export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await temporaryFolder();
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder.path]);
  const filler = join(folder.path, 'filler');
  return {
    path: folder.path,
    fill: () => fillWith(filler),
    free: () => rm(filler),
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function fillWith(path: string): Promise<void> {
  await using file = await open(path, 'a');
  const page = Buffer.alloc(4_096);
  for (let full = false; !full;) {
    full = await file.write(page).then(
      ({ bytesWritten }) => bytesWritten < page.length,
      () => true,
    );
  }
}
