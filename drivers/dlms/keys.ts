import type { SecretReference } from '../../src/model/secret.ts';
import { readAesKey } from '../meter/aes-key.ts';
import type { Keys } from './ciphering.ts';

export type KeyReferences = {
  readonly encryption: SecretReference;
  readonly authentication?: SecretReference | undefined;
};

/** The keys of a device; `of` names it. Rejects with `secret-unavailable`, whose message never repeats a key. */
export async function readKeys(references: KeyReferences, of: string): Promise<Keys> {
  const { encryption, authentication } = references;
  return {
    encryption: await readAesKey(encryption, `${of}: the encryption key`),
    authentication:
      authentication === undefined ? undefined : await readAesKey(authentication, `${of}: the authentication key`),
  };
}
