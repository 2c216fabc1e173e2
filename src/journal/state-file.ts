import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { asGatewayError, GatewayError, messageOf } from '../model/errors.ts';
import type { StateStore } from '../model/state-store.ts';
import { syncFolder } from './folder.ts';

const NAME = 'state.json';

const stateSchema = z.record(z.string(), z.string());

/**
 * Opens the store beside the journal in the folder `path`, which exists. Rejects with `journal-unusable` where it cannot
 * be read: what it holds must not be forgotten silently, for a counter that begins anew repeats itself.
 */
export async function openStateFile(path: string): Promise<StateStore> {
  const file = join(path, NAME);
  const entries = new Map(Object.entries(await readState(file)));
  let written = Promise.resolve();
  let waiting: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    await written.catch(() => undefined);
    waiting = undefined; // whoever puts from here on needs another write
    written = replace(file, `${JSON.stringify(Object.fromEntries(entries))}\n`);
    await written;
  };
  return {
    get: (key) => entries.get(key),
    put: (key, value) => {
      if (entries.get(key) === value) return waiting ?? written;
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
      waiting ??= write();
      return waiting;
    },
  };
}

async function readState(file: string): Promise<Readonly<Record<string, string>>> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (isMissing(error)) return {};
    throw new GatewayError(
      'journal-unusable',
      `${file} cannot be read: ${messageOf(error)}; move it away to go on without what it remembers`,
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** A power cut leaves the old content or the new one. */
async function replace(file: string, content: string): Promise<void> {
  const temporary = `${file}.new`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    syncFolder(dirname(file));
  } catch (error) {
    throw asGatewayError(error, isFull(error) ? 'journal-full' : 'journal-failed');
  }
}
