import { readFile } from 'node:fs/promises';
import type { SecretReference } from '../model/secret.ts';
import { readSecret } from './secrets.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What TLS needs, as it is on disk now. */
export type TlsMaterial = {
  /** PEM texts; without `ca` the authorities that the runtime knows. */
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** False only where the configuration gives a reason. */
  readonly verify: boolean;
  readonly minimum: '1.2' | '1.3';
};

/** Reads the files that the settings name, whose paths are absolute. Rejects with `secret-unavailable`, or as the file system does. */
export async function readTlsMaterial(
  { ca, certificate, key, minimum = '1.3', allowInsecure }: TlsSettings,
  secret: (reference: SecretReference) => Promise<string> = readSecret,
): Promise<TlsMaterial> {
  return {
    ca: ca === undefined ? undefined : await readFile(ca, 'utf8'),
    certificate: certificate === undefined ? undefined : await readFile(certificate, 'utf8'),
    key: key === undefined ? undefined : await secret(key),
    verify: allowInsecure === undefined,
    minimum,
  };
}
