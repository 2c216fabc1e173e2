import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerPath } from './peers.ts';

/** The wall clock that other processes see, by the peer faketime; their monotonic clock stays the machine's own. */
export class FakedTime {
  /** What a process needs in its environment to see it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;

  /** `time` as faketime writes it: `@1970-01-01 00:00:00` begins there with each process, `+0` is the true time. */
  constructor(folder: string, time: string) {
    this.#file = join(folder, 'faketime');
    this.set(time);
    const shown = execFileSync(peerPath('faketime'), ['-m', '-f', '+0', 'env'], { encoding: 'utf8' });
    const library = /^LD_PRELOAD=(.*)$/m.exec(shown)?.[1];
    if (library === undefined) throw new Error('faketime does not say where its library is');
    this.environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      TZ: 'UTC', // faketime reads its times in the zone of the process
    };
  }

  /** From now on it is `time`, also for processes that run. */
  set(time: string): void {
    writeFileSync(`${this.#file}.new`, `${time}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
