import { readAesKey } from '../meter/aes-key.ts';
import type { Keys } from './cipher.ts';
import type { ConnectionSettings } from './schema.ts';

// "Specifications SmartyP1" of Luxembourg: the same for all of its meters, and no secret.
const PUBLISHED = '00112233445566778899aabbccddeeff';

/** The keys of an encrypted meter; undefined where it has none. Rejects with `secret-unavailable`. */
export async function keysOf({
  key,
  authenticationKey,
  verify,
}: Pick<ConnectionSettings, 'key' | 'authenticationKey' | 'verify'>): Promise<Keys | undefined> {
  if (key === undefined) return undefined;
  return {
    key: await readAesKey(key, 'key'),
    authenticationKey:
      authenticationKey === undefined
        ? Buffer.from(PUBLISHED, 'hex')
        : await readAesKey(authenticationKey, 'authenticationKey'),
    verify,
  };
}
