import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startWeir } from './run-weir.ts';

export type RunningSimulation = AsyncDisposable & {
  /** What it printed when it was ready, by `--json`. */
  readonly told: {
    readonly port?: number;
    readonly connection: Readonly<Record<string, unknown>>;
    /** Of a replay: what was recorded, and how many different questions are answered. */
    readonly driver?: string;
    readonly transport?: string;
    readonly questions?: number;
    readonly devices: readonly { readonly profile: string; readonly unit: number }[];
  };
};

/** `weir simulate` as a process of its own, at work; interrupted when the scope ends. */
export async function startSimulating(words: readonly string[], cwd?: string): Promise<RunningSimulation> {
  const child = startWeir(['simulate', ...words, '--json'], cwd === undefined ? {} : { cwd });
  const ended = once(child, 'close');
  const complaints: string[] = [];
  child.stderr.on('data', (text) => complaints.push(String(text)));
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    ended.then(() => Promise.reject(new Error(`weir simulate ended: ${complaints.join('')}`))),
  ]);
  return {
    told: JSON.parse(line),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
