import { createHash } from 'node:crypto';
import type { Configuration } from './configuration.ts';

/** SHA-256, in hex, of what a configuration means: of every file that it comes from, and of this release's defaults. */
export function configurationDigest({ file: _file, ...meaning }: Configuration): string {
  const text = JSON.stringify(meaning, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return createHash('sha256').update(text).digest('hex');
}
