import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../model/errors.ts';
import type { Fault } from './fault.ts';
import type { Tree } from './tree.ts';
import { parseYaml } from './yaml.ts';

const MAX_BYTES = 2 ** 20; // ten thousand points written out; more is no configuration

/** Reads one YAML file. Undefined, with the reason among `faults`, where there is nothing to go on with. */
export async function readYaml(file: string, faults: Fault[]): Promise<Tree | undefined> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw new Unreadable('is no file', stats.isDirectory() ? 'name the file in this folder' : '');
    if (stats.size > MAX_BYTES) throw new Unreadable(`has ${stats.size} bytes`, `${MAX_BYTES} are the limit`);
    return parseYaml(decode(await readFile(file)), file, faults);
  } catch (error) {
    faults.push(unreadableFault(file, error));
    return undefined;
  }
}

class Unreadable extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

function decode(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Unreadable('is no UTF-8 text', 'save it as UTF-8');
  return new TextDecoder().decode(bytes); // without the byte order mark
}

/** Why a file or folder cannot be read. Throws what is no such reason. */
export function unreadableFault(file: string, error: unknown): Fault {
  return { file, line: 1, column: 1, code: 'configuration-unreadable', key: '', ...reasonOf(error) };
}

function reasonOf(error: unknown): { readonly message: string; readonly hint: string } {
  if (error instanceof Unreadable) return { message: error.message, hint: error.hint };
  if (!(error instanceof Error && 'code' in error)) throw error;
  if (error.code === 'ENOENT')
    return { message: 'does not exist', hint: 'write one there, or name another with --config' };
  if (error.code !== 'EACCES') return { message: messageOf(error), hint: '' };
  return { message: 'cannot be read by this user', hint: 'let this user read it and enter its folder' };
}
