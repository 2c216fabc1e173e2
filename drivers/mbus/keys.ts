import { readAesKey } from '../meter/aes-key.ts';
import type { Device } from './schema.ts';

/** The key of a device, undefined where it has none. Rejects with `secret-unavailable`. */
export async function readKey({ id, settings }: Device): Promise<Buffer | undefined> {
  return settings.key === undefined ? undefined : readAesKey(settings.key, `${id}: its key`);
}
