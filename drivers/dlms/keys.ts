import { GatewayError } from '../../src/model/errors.ts';
import type { SecretReference } from '../../src/model/secret.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import { KEY_BYTES, type Keys } from './ciphering.ts';

export type KeyReferences = {
  readonly encryption: SecretReference;
  readonly authentication?: SecretReference | undefined;
};

/** The keys of a device; `of` names it. Rejects with `secret-unavailable`, whose message never repeats a key. */
export async function readKeys(references: KeyReferences, of: string): Promise<Keys> {
  const { encryption, authentication } = references;
  return {
    encryption: await readKey(encryption, `${of}: the encryption key`),
    authentication:
      authentication === undefined ? undefined : await readKey(authentication, `${of}: the authentication key`),
  };
}

const FORM = /^[0-9a-fA-F]{32}$/;

async function readKey(reference: SecretReference, what: string): Promise<Buffer> {
  // Utilities print them in groups.
  const text = (await readSecret(reference)).replaceAll(/[\s:-]/g, '');
  if (FORM.test(text)) return Buffer.from(text, 'hex');
  const form = `${KEY_BYTES} bytes as ${2 * KEY_BYTES} hexadecimal digits`;
  throw new GatewayError('secret-unavailable', `${what} is not ${form}`);
}
