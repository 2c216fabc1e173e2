import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { databasePath, logPath } from '../database.ts';

// The pages of a database and of its log, whatever state they are in: https://www.sqlite.org/fileformat.html. Nothing is
// believed of their order, their headers or their checksums: what is in a page must prove itself.

/** SQLite's default, which the journal has never changed. */
export const PAGE_SIZE = 4_096;

// 4.1: a header of 32 bytes, then frames: a header of 24 bytes, which begins with the page's number, and the page.
const LOG_HEADER = 32;
const FRAME_HEADER = 24;

/** Where a page may be found. */
export type Layer = {
  /** The page with this number, from 1; undefined where there is none. It is good until the next is asked for. */
  page(number: number): Buffer | undefined;
};

/** The files of a damaged journal, to be read. */
export class Pages implements Disposable {
  readonly #database: File;
  readonly #log: File;
  /** Where in the log the newest of each page begins. */
  readonly #newest = new Map<number, number>();

  constructor(folder: string) {
    this.#database = new File(databasePath(folder));
    this.#log = new File(logPath(folder));
    for (const frame of this.#frames()) this.#newest.set(frame.number, frame.at);
  }

  /** Every image of every page, the newest first. Each is good until the next is asked for. */
  *images(): Generator<Buffer> {
    const buffer = Buffer.alloc(PAGE_SIZE);
    for (const { at } of [...this.#frames()].reverse()) if (this.#log.read(at, buffer)) yield buffer;
    for (let at = 0; at < this.#database.size; at += PAGE_SIZE) if (this.#database.read(at, buffer)) yield buffer;
  }

  /** What a page that another names may be: as the log has it, and as it was before. */
  get layers(): readonly Layer[] {
    const buffer = Buffer.alloc(PAGE_SIZE);
    const old = (number: number): Buffer | undefined =>
      this.#database.read((number - 1) * PAGE_SIZE, buffer) ? buffer : undefined;
    const current = (number: number): Buffer | undefined => {
      const at = this.#newest.get(number);
      return at !== undefined && this.#log.read(at, buffer) ? buffer : old(number);
    };
    return this.#newest.size === 0 ? [{ page: old }] : [{ page: current }, { page: old }];
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
    this.#log[Symbol.dispose]();
  }

  *#frames(): Generator<{ readonly number: number; readonly at: number }> {
    const header = Buffer.alloc(FRAME_HEADER);
    for (let at = LOG_HEADER; at + FRAME_HEADER < this.#log.size; at += FRAME_HEADER + PAGE_SIZE) {
      if (this.#log.read(at, header)) yield { number: header.readUInt32BE(0), at: at + FRAME_HEADER };
    }
  }
}

/** A file that may be missing. */
class File implements Disposable {
  readonly #file: number | undefined;
  readonly size: number;

  constructor(path: string) {
    this.#file = open(path);
    this.size = this.#file === undefined ? 0 : fstatSync(this.#file).size;
  }

  /** Fills `buffer` from `at` on; what lies behind the end of the file is zero. False where there is nothing. */
  read(at: number, buffer: Buffer): boolean {
    if (this.#file === undefined || at < 0 || at >= this.size) return false;
    const read = readSafely(this.#file, at, buffer);
    buffer.fill(0, read);
    return read > 0;
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** A sector that the disk cannot read any more is as good as zeros. */
function readSafely(file: number, at: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer, 0, buffer.length, at);
  } catch {
    return 0;
  }
}
