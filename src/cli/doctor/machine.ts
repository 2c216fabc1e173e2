import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import packageFile from '../../../package.json' with { type: 'json' };
import type { RuntimeFacts } from './runtime.ts';

const FIFTEEN_MINUTES = 2; // index of os.loadavg()

/** What this process runs on. */
export async function lookAtRuntime(): Promise<RuntimeFacts> {
  return {
    node: process.version,
    wanted: packageFile.engines.node,
    memory: memoryIn(await readFile('/proc/meminfo', 'utf8').catch(() => '')),
    processors: availableParallelism(),
    load: loadavg()[FIFTEEN_MINUTES] ?? 0,
  };
}

/**
 * Bytes in the text of /proc/meminfo; undefined where it does not say.
 * @internal
 */
export function memoryIn(text: string): RuntimeFacts['memory'] {
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]);
  const [available, total] = [kibibytes('MemAvailable') * 1024, kibibytes('MemTotal') * 1024];
  return Number.isNaN(available) || Number.isNaN(total) ? undefined : { available, total };
}
