import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** `vendor/model`: a file below one of the folders, never a way out of them. */
export const PROFILE_NAME = /^[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*$/;

const EXTENSION = '.yaml';

/** Where profiles are looked for: `profiles/` beside the configuration, which wins, and those we ship. */
export function profileFolders(configurationFile?: string): readonly string[] {
  const own = configurationFile === undefined ? [] : [join(dirname(resolve(configurationFile)), 'profiles')];
  return [...own, shippedFolder()];
}

/** `config/profiles` of the package: two folders up from the source, three from what is built into dist/. */
function shippedFolder(): string {
  const source = join(import.meta.dirname, '../../config/profiles');
  return existsSync(source) ? source : join(import.meta.dirname, '../../../config/profiles');
}

/** Whether `file`, an absolute path, is one of those that we ship. */
export function isShipped(file: string): boolean {
  return !relative(shippedFolder(), file).startsWith('..');
}

/** The file of each profile by its name, `vendor/model`, in the order of the names. */
export async function listProfileFiles(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true }).catch(() => []); // not every site has its own
    for (const entry of entries.filter((path) => path.endsWith(EXTENSION))) {
      const name = entry.slice(0, -EXTENSION.length);
      if (PROFILE_NAME.test(name) && !found.has(name)) found.set(name, join(folder, entry));
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The file of one profile; undefined where there is none. */
export function findProfileFile(name: string, folders: readonly string[]): string | undefined {
  if (!PROFILE_NAME.test(name)) return undefined;
  return folders.map((folder) => join(folder, name + EXTENSION)).find((file) => existsSync(file));
}
