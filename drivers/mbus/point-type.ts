import { contentOf } from './known-names.ts';
import type { PointAddress } from './schema.ts';

const TEXTS = ['text', 'time', 'bytes'];

/** Whether a record's values are numbers or text. */
export function typeOf({ record, type }: PointAddress): 'number' | 'text' {
  return type ?? (TEXTS.includes(contentOf(record.name) ?? 'number') ? 'text' : 'number');
}
