import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { temporaryFolder } from './temporary-folder.ts';

/** What the server of the tests is like. */
export type PlantOptions = {
  /** Of its key and certificate; a temporary one when absent. The same folder, the same server. */
  readonly folder: string;
  readonly port?: number;
  readonly acceptsClients?: boolean;
  readonly allowAnonymous?: boolean;
  readonly policies?: readonly string[];
  /** The only one that it lets in by a password; `weir` with `right` when absent. */
  readonly user?: { readonly name: string; readonly password: string };
  readonly maxSessions?: number;
  readonly maxSubscriptions?: number;
  readonly maxNodesPerRead?: number;
  readonly maxItemsPerCall?: number;
  /** Namespaces that it registers before that of the plant, which so gets another number. */
  readonly namespacesBefore?: number;
  /** Variables `Moving0`… that count, all at once, every so many milliseconds. */
  readonly moving?: { readonly count: number; readonly interval: number };
};

export type PlantCommand =
  | {
      readonly do: 'set';
      readonly name: string;
      readonly value: unknown;
      readonly status?: string;
      readonly time?: string;
    }
  | { readonly do: 'value'; readonly name: string }
  | { readonly do: 'dropSubscriptions' }
  | { readonly do: 'loseItems' }
  | { readonly do: 'closeSessions' }
  | { readonly do: 'remember'; readonly from: number; readonly step: number; readonly count: number }
  /** From now on more follows whatever was sent: the same again, nothing, or what is an hour later each time. */
  | { readonly do: 'neverEnd'; readonly by: 'the same' | 'nothing' | 'later values' }
  | { readonly do: 'figures' }
  | { readonly do: 'stop' };

export type Plant = AsyncDisposable & {
  readonly port: number;
  readonly endpoint: string;
  readonly pid: number;
  readonly folder: string;
  /** Has the server do something, and resolves with what it answers. */
  tell(command: PlantCommand): Promise<unknown>;
  /** Ends it without a goodbye. */
  kill(): Promise<void>;
};

type Answer = { readonly id?: number; readonly answer?: unknown; readonly error?: string; readonly ready?: number };

/** node-opcua's own server, in a process of its own; see opcua-plant.ts. */
export async function startPlant(options: Partial<PlantOptions> = {}): Promise<Plant> {
  const stack = new AsyncDisposableStack();
  const folder = options.folder ?? stack.use(await temporaryFolder()).path;
  const child = fork(new URL('opcua-plant.ts', import.meta.url), [JSON.stringify({ ...options, folder })], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = once(child, 'exit');
  const answers = answersOf(child);
  const port = await Promise.race([
    answers.ready,
    exited.then(() => Promise.reject(new Error('the server ended before it was ready'))),
  ]);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  stack.defer(kill);
  let count = 0;
  return {
    port,
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    folder,
    kill,
    tell: (command) => {
      count += 1;
      const answer = answers.of(count);
      child.send({ id: count, command });
      return answer;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function answersOf(child: ChildProcess) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<number>();
  child.on('message', (message: Answer) => {
    if (message.ready !== undefined) ready.resolve(message.ready);
    const asked = waiting.get(message.id ?? 0);
    waiting.delete(message.id ?? 0);
    if (message.error === undefined) asked?.resolve(message.answer);
    else asked?.reject(new Error(message.error));
  });
  return {
    ready: ready.promise,
    of: (id: number): Promise<unknown> => {
      const asked = Promise.withResolvers<unknown>();
      waiting.set(id, asked);
      return asked.promise;
    },
  };
}
