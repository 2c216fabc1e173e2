import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { GatewayError, messageOf } from '../../src/model/errors.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import type { UserSettings } from './schema.ts';

/** Who we say we are, its secret read. Rejects with `secret-unavailable`, or where the certificate cannot be read. */
export async function userIdentity(
  user: UserSettings,
  { UserTokenType }: typeof Library,
): Promise<Library.UserIdentityInfo> {
  if (user === 'none') return { type: UserTokenType.Anonymous };
  if ('name' in user) {
    return { type: UserTokenType.UserName, userName: user.name, password: await readSecret(user.password) };
  }
  const certificateData = await certificateOf(user.certificate);
  return { type: UserTokenType.Certificate, certificateData, privateKey: await readSecret(user.key) };
}

async function certificateOf(file: string): Promise<Buffer> {
  try {
    return new X509Certificate(await readFile(file)).raw;
  } catch (error) {
    const message = `the certificate of the user, ${file}, cannot be read: ${messageOf(error)}`;
    throw new GatewayError('secret-unavailable', message, { cause: error });
  }
}
