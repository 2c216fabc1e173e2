import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export type ClientSettings = {
  readonly endpoint: string;
  /** Where the client keeps its key and certificate. */
  readonly folder: string;
  readonly policy: 'None' | 'Basic256Sha256' | 'Aes128_Sha256_RsaOaep' | 'Aes256_Sha256_RsaPss';
  readonly mode: 'None' | 'Sign' | 'SignAndEncrypt';
  readonly user?: { readonly name: string; readonly password: string };
  readonly namespace: string;
};

export type Asked =
  | { readonly do: 'connect'; readonly settings: ClientSettings }
  | { readonly do: 'close' }
  | {
      readonly do: 'read';
      readonly ids: readonly string[];
      readonly attribute?: 'Value' | 'UserAccessLevel' | 'DataType';
    }
  | { readonly do: 'browse'; readonly id: string }
  | {
      readonly do: 'history';
      readonly id: string;
      readonly start?: number;
      readonly end?: number;
      readonly values?: number;
      readonly continuation?: string;
      readonly bounds?: boolean;
    }
  | {
      readonly do: 'write';
      readonly id: string;
      readonly type: 'Double' | 'Float' | 'UInt16' | 'Int64' | 'String';
      readonly value: unknown;
    }
  | {
      readonly do: 'subscribe';
      readonly ids: readonly string[];
      readonly sampling: number;
      readonly queueSize?: number;
    }
  | { readonly do: 'endpoints'; readonly url: string };

export type ShownVariant = { readonly type: string | undefined; readonly value: unknown };

export type Shown = ShownVariant & {
  readonly status: string;
  readonly sourceTime: number | null;
  readonly serverTime: number | null;
};

export type HistoryAnswer = {
  readonly status: string;
  readonly values: readonly Shown[];
  readonly continuation: string | undefined;
};

type Message = {
  readonly ready?: true;
  readonly number?: number;
  readonly answer?: unknown;
  readonly error?: string;
  readonly changed?: Shown & { readonly id: string };
};

/** A client of an OPC UA server, in a process of its own and without a line of ours. */
export class OpcuaClient implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  #asked = 0;
  /** What subscriptions have brought. */
  readonly changes: (Shown & { readonly id: string })[] = [];
  #news = Promise.withResolvers<void>();

  constructor(child: ChildProcess) {
    this.#process = child;
    child.on('message', ({ number, answer, error, changed }: Message) => {
      if (changed !== undefined) {
        this.changes.push(changed);
        this.#news.resolve();
        this.#news = Promise.withResolvers();
      }
      const waiting = number === undefined ? undefined : this.#waiting.get(number);
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(error));
    });
    child.on('exit', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('the client has ended'));
    });
  }

  static async start(): Promise<OpcuaClient> {
    const child = fork(new URL('./opcua-client-process.ts', import.meta.url).pathname, { stdio: 'inherit' });
    await once(child, 'message');
    return new OpcuaClient(child);
  }

  /** A client with a session; rejects as the server does. */
  static async connected(settings: ClientSettings): Promise<OpcuaClient> {
    const client = await OpcuaClient.start();
    try {
      await client.ask<undefined>({ do: 'connect', settings });
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  ask<Answer>(asked: Asked): Promise<Answer> {
    const number = (this.#asked += 1);
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(number, { resolve: (answer) => resolve(answer as Answer), reject });
      this.#process.send({ number, asked });
    }).finally(() => this.#waiting.delete(number));
  }

  async read(...ids: readonly string[]): Promise<readonly Shown[]> {
    return this.ask<readonly Shown[]>({ do: 'read', ids });
  }

  /** Resolves once `holds`, looked at after each change. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#news.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    await Promise.race([this.ask<undefined>({ do: 'close' }).catch(() => undefined), exited]);
    this.#process.kill('SIGKILL');
    await exited;
  }
}
