import { readFile } from 'node:fs/promises';
import type { DestinationSettings, SecretReference } from '../config/configuration.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { TlsMaterial, UplinkSettings } from './destination.ts';

/** Reads a secret when it is used; rejects with `secret-unavailable`. */
export type ReadSecret = (reference: SecretReference) => Promise<string>;

/**
 * User and TLS material as they are on disk now: read for each connection, so that a renewed certificate is used without
 * a restart. Rejects with `destination-refused`: a file that is missing for a moment must not end the daemon.
 */
export async function readCredentials(
  settings: DestinationSettings,
  readSecret: ReadSecret,
): Promise<Pick<UplinkSettings, 'user' | 'tls'>> {
  try {
    return { user: await readUser(settings, readSecret), tls: await readTls(settings, readSecret) };
  } catch (error) {
    throw new GatewayError('destination-refused', messageOf(error), { cause: error });
  }
}

async function readUser({ user }: DestinationSettings, readSecret: ReadSecret): Promise<UplinkSettings['user']> {
  if (user === undefined) return undefined;
  return { name: user.name, password: user.password === undefined ? undefined : await readSecret(user.password) };
}

async function readTls({ tls }: DestinationSettings, readSecret: ReadSecret): Promise<TlsMaterial> {
  return {
    ca: tls?.ca === undefined ? undefined : await readFile(tls.ca, 'utf8'),
    certificate: tls?.certificate === undefined ? undefined : await readFile(tls.certificate, 'utf8'),
    key: tls?.key === undefined ? undefined : await readSecret(tls.key),
    verify: tls?.allowInsecure === undefined,
    minimum: tls?.minimum ?? '1.3',
  };
}
