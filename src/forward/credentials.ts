import type { DestinationSettings } from '../config/configuration.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { SecretReference } from '../model/secret.ts';
import { readTlsMaterial } from '../wire/tls-material.ts';
import type { UplinkSettings } from './destination.ts';

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
    const { tls = {} } = settings;
    return { user: await readUser(settings, readSecret), tls: await readTlsMaterial(tls, readSecret) };
  } catch (error) {
    throw new GatewayError('destination-refused', messageOf(error), { cause: error });
  }
}

async function readUser({ user }: DestinationSettings, readSecret: ReadSecret): Promise<UplinkSettings['user']> {
  if (user === undefined) return undefined;
  return { name: user.name, password: user.password === undefined ? undefined : await readSecret(user.password) };
}
