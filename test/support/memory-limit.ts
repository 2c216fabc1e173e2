import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

// A control group of the kernel's, of whichever version: what is in it has so much memory, and no more.

type Names = { readonly root: string; readonly limit: string; readonly peak: string; readonly kills: string };

const versions: readonly Names[] = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', kills: 'memory.events' },
];

let made = 0;

export class MemoryLimit implements Disposable {
  readonly #folder: string;
  readonly #names: Names;

  /** Throws where this user may not make such a group, or the kernel has none. */
  constructor(bytes: number) {
    const names = versions.find(({ root, limit }) => existsSync(`${root}/${limit}`) || root.endsWith('cgroup'));
    if (names === undefined) throw new Error('the kernel limits no memory');
    this.#names = names;
    this.#folder = `${names.root}/weir-${process.pid}-${(made += 1)}`;
    mkdirSync(this.#folder);
    try {
      writeFileSync(`${this.#folder}/${names.limit}`, String(bytes));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** From now on what this process takes is counted here. */
  take(pid: number): void {
    writeFileSync(`${this.#folder}/cgroup.procs`, String(pid));
  }

  /** The most bytes that were in use at once, the kernel's cache of files among them. */
  get peak(): number {
    return Number(this.#read(this.#names.peak));
  }

  /** How often the kernel has ended a process because there was no more. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.#read(this.#names.kills))?.[1] ?? NaN);
  }

  /** To be called once its processes have ended. */
  [Symbol.dispose](): void {
    rmdirSync(this.#folder);
  }

  #read(name: string): string {
    return readFileSync(`${this.#folder}/${name}`, 'utf8');
  }
}
