import { GatewayError } from '../../src/model/errors.ts';
import type { SecretReference } from '../../src/model/secret.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import type { Keys } from './cipher.ts';
import type { ConnectionSettings } from './schema.ts';

// "Specifications SmartyP1" of Luxembourg: the same for all of its meters, and no secret.
const PUBLISHED = '00112233445566778899aabbccddeeff';

const KEY = /^[0-9A-Fa-f]{32}$/;

/** The keys of an encrypted meter; undefined where it has none. Rejects with `secret-unavailable`. */
export async function keysOf({
  key,
  authenticationKey,
  verify,
}: Pick<ConnectionSettings, 'key' | 'authenticationKey' | 'verify'>): Promise<Keys | undefined> {
  if (key === undefined) return undefined;
  return {
    key: await keyIn(key, 'key'),
    authenticationKey:
      authenticationKey === undefined
        ? Buffer.from(PUBLISHED, 'hex')
        : await keyIn(authenticationKey, 'authenticationKey'),
    verify,
  };
}

async function keyIn(reference: SecretReference, name: string): Promise<Buffer> {
  const text = (await readSecret(reference)).trim();
  if (!KEY.test(text)) {
    throw new GatewayError(
      'secret-unavailable',
      `${name} has ${text.length} characters, and should be 32 hexadecimal digits`,
    );
  }
  return Buffer.from(text, 'hex');
}
