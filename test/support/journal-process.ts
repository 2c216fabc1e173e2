import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const script = new URL('journal-writer.ts', import.meta.url).pathname;

export type JournalProcess = {
  readonly pid: number;
  /** What it said so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line that starts so; rejects when the process ends without it. */
  said(start: string): Promise<string>;
  /** Sequences that the process was told are committed; `before` so many nanoseconds, of one that stamps what it says. */
  committed(before?: bigint): number;
  kill(): Promise<void>;
  /** Resolves when it has ended and said its last. */
  readonly ended: Promise<void>;
};

type Start = {
  readonly batches?: number;
  /** Bytes that the journal may take. */
  readonly keep?: number;
  readonly stamped?: boolean;
  /** A program and its arguments to start it under, such as strace. */
  readonly under?: readonly string[];
  readonly uid?: number;
};

/** Starts journal-writer.ts on `folder`. */
export function startJournalProcess(folder: string, start: Start = {}): JournalProcess {
  const { batches = Infinity, keep = 2 ** 30, stamped = false, under = [], uid } = start;
  const words = [String(batches), String(keep), ...(stamped ? ['stamped'] : [])];
  const command = [...under, process.execPath, script, folder, ...words];
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return follow(child);
}

function follow(child: ChildProcess): JournalProcess {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  if (child.stdout === null) throw new TypeError('its output is a pipe');
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const watcher of watchers) watcher();
  });
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => undefined);
  const said = (start: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = lines.find((one) => one.startsWith(start));
        if (line !== undefined) resolve(line);
      };
      watchers.add(look);
      look();
      void ended.then(() => reject(new Error(`it ended without saying ${start}: ${lines.at(-1)}`)));
    });
  return {
    pid: child.pid ?? 0,
    lines,
    said,
    ended,
    committed: (before) =>
      lines
        .filter((line) => /^\d+ \d+( \d+)?$/.test(line) && (before === undefined || stampOf(line) < before))
        .reduce((last, line) => Math.max(last, lastOf(line)), 0),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function stampOf(line: string): bigint {
  return BigInt(line.split(' ')[2] ?? 0);
}

function lastOf(line: string): number {
  const [first = 0, count = 0] = line.split(' ').map(Number);
  return first + count - 1;
}
