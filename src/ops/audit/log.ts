import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../journal/folder.ts';
import { isoTime, type Clock } from '../../model/clock.ts';
import { GatewayError, messageOf } from '../../model/errors.ts';
import type { AuditStatus } from '../../model/status.ts';
import { GENESIS, openEntry, sealEntry, type AuditDetail, type Head } from './entry.ts';
import { forgetOldest, headPath, KEPT, oldestLines, readHead, readLines, rotate } from './files.ts';
import { MISSED, ROTATED, TRUNCATED } from './verify.ts';

export type AuditOptions = {
  /** The file that grows; older ones stand beside it. */
  readonly path: string;
  /** Bytes of all files together. */
  readonly size: number;
  readonly clock: Clock;
  /** Told once when nothing can be written, and once when that is over. */
  readonly failed: (error: GatewayError) => void;
  readonly recovered: (missed: number) => void;
};

/** Keeps what must be answered for. */
export interface Audit extends AsyncDisposable {
  /** Durable when it resolves. Rejects with `audit-failed`: what must not happen unseen must not happen then. */
  append(event: string, detail: AuditDetail): Promise<void>;
  /** The same for what has happened already: where it cannot be kept it is counted as missed. Never throws. */
  note(event: string, detail: AuditDetail): void;
  status(): AuditStatus;
}

type Waiting = {
  readonly event: string;
  readonly detail: AuditDetail;
  readonly time: string;
  readonly resolve: () => void;
  readonly reject: (error: GatewayError) => void;
};

type Opened = { readonly file: FileHandle; size: number };

/** Opens nothing yet: a log that cannot be written must not keep the gateway from collecting. */
export function createAudit(options: AuditOptions): Audit {
  return new AuditLog(options);
}

class AuditLog implements Audit {
  readonly #options: AuditOptions;
  #opened: Opened | undefined;
  #head: Head = GENESIS;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: GatewayError | undefined;
  /** Entries that could not be written. */
  #missed = 0;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  append(event: string, detail: AuditDetail): Promise<void> {
    return new Promise((resolve, reject) => {
      const time = isoTime(this.#options.clock.wall());
      this.#waiting.push({ event, detail, time, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  note(event: string, detail: AuditDetail): void {
    this.append(event, detail).catch(() => undefined); // counted, and told by `failed`
  }

  status(): AuditStatus {
    const { path } = this.#options;
    return { path, ...this.#head, missed: this.#missed, error: this.#failure?.message ?? null };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#opened?.file.close();
    this.#opened = undefined;
  }

  /** All that wait together become durable by one write: a flood costs no more syncs than the disk can do. */
  async #writeAll(): Promise<void> {
    await Promise.resolve(); // what is said in one turn goes together
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        await this.#fail(group, error);
      }
    }
    this.#writing = undefined;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const opened = (this.#opened ??= await this.#open());
    const missed = this.#missed === 0 ? [] : [{ event: MISSED, detail: { entries: this.#missed } }];
    await this.#put(opened, [...missed, ...group]);
    this.#recover();
    if (opened.size > this.#options.size / (KEPT + 1)) await this.#rotate(opened);
  }

  async #put(
    opened: Opened,
    entries: readonly { readonly event: string; readonly detail: AuditDetail; readonly time?: string }[],
  ): Promise<void> {
    let head = this.#head;
    const now = isoTime(this.#options.clock.wall());
    const lines = entries.map(({ event, detail, time = now }) => {
      const sealed = sealEntry(head, { event, detail, time });
      head = sealed.head;
      return `${sealed.line}\n`;
    });
    const bytes = Buffer.from(lines.join(''));
    const { bytesWritten } = await opened.file.write(bytes, 0, bytes.length, opened.size);
    if (bytesWritten < bytes.length) throw new Error('the disk is full');
    await opened.file.datasync();
    opened.size += bytes.length;
    this.#head = head;
    await this.#noteHead(head);
  }

  /** Goes on behind the newest entry that there is. What a power cut left of another is cut off, and that is noted. */
  async #open(): Promise<Opened> {
    const { path } = this.#options;
    const file = await open(path, 'a', 0o600).then(async (made) => {
      await made.close(); // with `a` every write would go to the end, wherever that is
      return open(path, 'r+', 0o600);
    });
    syncFolder(dirname(path));
    try {
      const lines = readLines(path);
      const { size } = await file.stat();
      const torn = lines.at(-1)?.whole === false ? Buffer.byteLength(lines.at(-1)?.text ?? '') : 0;
      if (torn > 0) await file.truncate(size - torn);
      const opened = { file, size: size - torn };
      const newest = lines.findLast(({ text, whole }) => whole && openEntry(text) !== undefined);
      const entry = newest === undefined ? undefined : openEntry(newest.text);
      this.#head = entry ?? GENESIS;
      await this.#noteOpening(opened, {
        torn,
        entry: this.#head,
        isNewest: newest === lines.findLast(({ whole }) => whole),
      });
      return opened;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #noteOpening(
    opened: Opened,
    { torn, entry, isNewest }: { readonly torn: number; readonly entry: Head; readonly isNewest: boolean },
  ): Promise<void> {
    const known = readHead(this.#options.path);
    if (torn > 0) await this.#put(opened, [{ event: 'audit-torn', detail: { bytes: torn } }]);
    if (!isNewest) await this.#put(opened, [{ event: 'audit-damaged', detail: { after: entry.number } }]);
    if (known !== undefined && known.number > entry.number) {
      await this.#put(opened, [{ event: TRUNCATED, detail: { after: entry.number, known: known.number } }]);
    }
  }

  async #rotate(opened: Opened): Promise<void> {
    const { path } = this.#options;
    this.#opened = undefined;
    await opened.file.close();
    rotate(path);
    const leaving = oldestLines(path).findLast(({ text }) => openEntry(text) !== undefined);
    const dropped = leaving === undefined ? undefined : openEntry(leaving.text)?.number;
    const fresh: Opened = { file: await open(path, 'w', 0o600), size: 0 };
    this.#opened = fresh;
    await this.#put(fresh, [{ event: ROTATED, detail: { dropped } }]);
    forgetOldest(path);
    syncFolder(dirname(path));
  }

  /** Not synced: after a power cut it may be older than the log, never newer. Without it the log is as good as ever. */
  async #noteHead({ number, hash }: Head): Promise<void> {
    await writeFile(headPath(this.#options.path), `${JSON.stringify({ number, hash })}\n`, { mode: 0o600 }).catch(
      () => undefined,
    );
  }

  #recover(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.recovered(this.#missed);
    this.#missed = 0;
  }

  /** What is in the file now nobody knows: the next entry looks. */
  async #fail(group: readonly Waiting[], error: unknown): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.file.truncate(opened.size).catch(() => undefined); // half of it would stand there as if it were true
    await opened?.file.close().catch(() => undefined);
    this.#missed += group.length;
    const text = `the audit log ${this.#options.path} cannot be written: ${messageOf(error)}`;
    const failure = new GatewayError('audit-failed', text, { cause: error });
    if (this.#failure === undefined) this.#options.failed(failure);
    this.#failure = failure;
    for (const { reject } of group) reject(failure);
  }
}
