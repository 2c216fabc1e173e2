import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Configuration } from '../config/configuration.ts';
import { asGatewayError, GatewayError, type ErrorCode } from '../model/errors.ts';

export type LoadedApart =
  | { readonly configuration: Configuration }
  | { readonly code: ErrorCode; readonly message: string };

/**
 * Loads a configuration in a thread that ends with it: parsing YAML takes 35 MB for a thousand points, and the daemon,
 * which runs for years, gives them all back. Rejects as `loadConfiguration` does.
 */
export async function loadApart(file: string): Promise<Configuration> {
  const worker = new Worker(new URL(`./configuration-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: file,
  });
  let loaded: LoadedApart = { code: 'failed', message: `${file}: loading ended without an answer` };
  const answer = await new Promise<LoadedApart>((resolve, reject) => {
    worker.once('message', (message: LoadedApart) => (loaded = message));
    worker.once('error', (error) => reject(asGatewayError(error, 'failed')));
    worker.once('exit', () => resolve(loaded));
  });
  if ('configuration' in answer) return answer.configuration;
  throw new GatewayError(answer.code, answer.message);
}
