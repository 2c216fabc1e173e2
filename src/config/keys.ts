import type { z } from 'zod';
import { GatewayError } from '../model/errors.ts';
import { explain, findingsOf } from './explain.ts';
import { formatKey, type KeyPath } from './fault.ts';

/**
 * Keys that somebody gave by hand, as `schema` has them; `path` says what they are the keys of. Throws `usage` that names
 * every fault on a line of its own, in the words in which a configuration's are told.
 */
export function parseKeys<T>(schema: z.ZodType<T>, keys: unknown, path: KeyPath = []): T {
  const result = schema.safeParse(keys, { error: explain, reportInput: true });
  if (result.success) return result.data;
  const faults = findingsOf(result.error, schema, []).map(({ path: where, message, hint }) => {
    const key = formatKey([...path, ...where]);
    return `${key === '' ? '' : `${key}: `}${message}${hint === '' ? '' : `; ${hint}`}`;
  });
  throw new GatewayError('usage', faults.join('\n'));
}
