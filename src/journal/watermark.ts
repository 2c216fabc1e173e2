import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from './folder.ts';
import type { Epoch } from './journal.ts';

/** Whose the journal is, and what it has given last. */
export type Mark = {
  readonly gateway: string;
  readonly epoch: Epoch;
  /** The newest sequence that was committed. */
  readonly last: number;
};

const markSchema = z.object({ gateway: z.string(), epoch: z.string(), last: z.int() });

// One write of the same length each time, inside one sector of the disk: what is found is the mark of before or of after.
const LENGTH = 256; // bytes; the id of a gateway has at most 64 characters

/**
 * Says beside the database how far the journal has come. A log that somebody cut off or removed leaves a database that
 * looks sound and is too old: it would give sequences a second time. Nothing waits for the disk here, so a power cut may
 * leave a mark that is some seconds old; a process that is killed leaves it exact. It is never ahead of what is committed.
 */
export class Watermark implements Disposable {
  /** Undefined where the disk would not have it. */
  readonly #file: number | undefined;
  readonly #identity: Omit<Mark, 'last'>;

  constructor(folder: string, { last, ...identity }: Mark) {
    this.#identity = identity;
    this.#file = open(watermarkPath(folder));
    this.note(last);
    if (this.#file === undefined) return;
    try {
      fsyncSync(this.#file);
      syncFolder(folder);
    } catch {
      // It is a help, and no part of what was promised.
    }
  }

  /** The sequences up to `last` are committed. */
  note(last: number): void {
    if (this.#file === undefined) return;
    const text = JSON.stringify({ ...this.#identity, last });
    try {
      writeSync(this.#file, `${text.padEnd(LENGTH - 1)}\n`, 0);
    } catch {
      // A disk without room, or one that fails: the journal itself tells of it.
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch {
    return undefined; // no inodes left: the journal goes on without it
  }
}

/** The mark in `folder`; undefined where there is none, or none that can be read. */
export function readMark(folder: string): Mark | undefined {
  try {
    return markSchema.parse(JSON.parse(readFileSync(watermarkPath(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

export function watermarkPath(folder: string): string {
  return join(folder, 'watermark');
}
