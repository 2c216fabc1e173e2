import { GatewayError } from '../../src/model/errors.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import { parseKey } from './encryption.ts';
import type { Device } from './schema.ts';

/**
 * The key of a device, undefined where it has none. Rejects with `secret-unavailable`, and with `configuration-invalid`
 * for what is no key.
 */
export async function readKey({ id, settings }: Device): Promise<Buffer | undefined> {
  if (settings.key === undefined) return undefined;
  const key = parseKey(await readSecret(settings.key));
  if (key !== undefined) return key;
  throw new GatewayError('configuration-invalid', `${id}: its key is not 32 hexadecimal digits, which AES-128 has`);
}
