import { GatewayError } from '../../src/model/errors.ts';
import type { SecretReference } from '../../src/model/secret.ts';
import { readSecret } from '../../src/wire/secrets.ts';

const KEY_BYTES = 16; // AES-128, which is what meters have

/** The key that a secret holds; `what` names it. Rejects with `secret-unavailable`, whose message never repeats a key. */
export async function readAesKey(reference: SecretReference, what: string): Promise<Buffer> {
  const key = parseAesKey(await readSecret(reference));
  if (key !== undefined) return key;
  throw new GatewayError('secret-unavailable', `${what} is not ${FORM}`);
}

const FORM = `${KEY_BYTES} bytes as ${2 * KEY_BYTES} hexadecimal digits`;

/** What is wrong with a secret that has to be such a key; its words never repeat it. */
export function aesKeyFault(text: string): string | undefined {
  return parseAesKey(text) === undefined ? `is no key: write ${FORM}` : undefined;
}

/**
 * The bytes of hexadecimal digits, in groups or not, as utilities print them; undefined where they are no key.
 * @internal
 */
export function parseAesKey(text: string): Buffer | undefined {
  const digits = text.replaceAll(/[\s:-]/g, '');
  return digits.length === 2 * KEY_BYTES && /^[0-9a-fA-F]+$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}
