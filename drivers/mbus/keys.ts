import { readAesKey } from '../meter/aes-key.ts';
import { costingOneMeter } from '../meter/lost-secret.ts';
import type { Device } from './schema.ts';

/**
 * The key of a device, undefined where it has none. Rejects with `access-refused` where it is not to be had any more:
 * the other meters of the line have keys of their own.
 */
export async function readKey({ id, settings }: Device): Promise<Buffer | undefined> {
  if (settings.key === undefined) return undefined;
  return costingOneMeter(readAesKey(settings.key, `${id}: its key`));
}
