import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DiskFacts, FolderFacts, JournalFacts } from './journal.ts';

/** What the folder of a journal is, and the disk it is on. */
export async function lookAtFolder(path: string): Promise<Pick<JournalFacts, 'folder' | 'disk' | 'writable'>> {
  const stats = await stat(path).catch(() => undefined);
  const folder = stats && {
    isFolder: stats.isDirectory(),
    owner: (await nameOf('/etc/passwd', stats.uid)) ?? String(stats.uid),
    mode: stats.mode & 0o777,
  };
  const nearest = folder === undefined ? await nearestFolder(path) : path;
  const needed = constants.W_OK | constants.X_OK;
  const writable = await access(nearest, needed).then(
    () => true,
    () => false,
  );
  return { folder: folder satisfies FolderFacts | undefined, disk: await lookAtDisk(nearest), writable };
}

async function nearestFolder(path: string): Promise<string> {
  const above = dirname(path);
  const exists = await stat(above).then(
    () => true,
    () => false,
  );
  return exists || above === path ? above : nearestFolder(above);
}

async function lookAtDisk(path: string): Promise<DiskFacts | undefined> {
  const space = await statfs(path).catch(() => undefined);
  if (space === undefined) return undefined;
  const mount = mountOf(path, await readFile('/proc/self/mounts', 'utf8').catch(() => ''));
  return {
    free: space.bavail * space.bsize,
    total: space.blocks * space.bsize,
    freeFiles: space.ffree,
    totalFiles: space.files,
    readOnly: mount?.readOnly ?? false,
    filesystem: mount?.filesystem ?? 'unknown',
  };
}

/**
 * What /proc/self/mounts, whose text is given, says of the disk below `path`: the longest mount point that leads there,
 * and of equal ones the last.
 * @internal
 */
export function mountOf(
  path: string,
  mounts: string,
): { readonly filesystem: string; readonly readOnly: boolean } | undefined {
  const leading = mounts
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map(([, point = '', filesystem = '', options = '']) => ({
      point: unescape(point),
      filesystem,
      readOnly: options.split(',').includes('ro'),
    }))
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`));
  return leading.toSorted((a, b) => a.point.length - b.point.length).at(-1);
}

// Blanks and backslashes stand there as \040 and \134.
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The name with that number in a file like /etc/passwd or /etc/group. */
export async function nameOf(file: string, id: number): Promise<string | undefined> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  return lines.find(([, , number]) => number === String(id))?.[0];
}
