import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peerPath } from '../support/peers.ts';
import { start, type Child } from './processes.ts';

export type Counted = {
  readonly readings: number;
  /** Those of them that came in the backlog lane. */
  readonly backlog: number;
  readonly messages: number;
  readonly bytes: number;
  /** Milliseconds since 1970 of the very first message. */
  readonly first: number;
  /** Delays, milliseconds. */
  readonly p50: number | null;
  readonly p99: number | null;
};

export type Receiving = AsyncDisposable & {
  readonly broker: Child;
  /** What arrived since the last count; with `peek` the next one counts it too. */
  readonly count: (word?: 'peek') => Promise<Counted>;
};

/** A Mosquitto and a counting subscriber, each in a process of its own; `sampling` as subscriber.ts has it. */
export async function startReceiving(folder: string, port: number, sampling: string): Promise<Receiving> {
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(start(peerPath('mosquitto'), ['-c', file]));
  const subscriber = stack.use(start(process.execPath, ['test/bench/subscriber.ts', String(port), sampling]));
  await subscriber.line();
  const release = stack.move();
  return {
    broker,
    count: async (word) => {
      subscriber.process.stdin?.write(`${word ?? ''}\n`);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own process on the other side of the pipe
      return JSON.parse(await subscriber.line()) as Counted;
    },
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}
