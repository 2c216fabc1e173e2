import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { SecretReference } from '../model/secret.ts';

const MAX_BYTES = 64 * 1024; // a certificate chain with its key is far below
const OTHERS = 0o077; // the permission bits of group and world

/** The secret itself, without the newline that editors put at its end. Rejects with `secret-unavailable`. */
export async function readSecret(reference: SecretReference): Promise<string> {
  const secret = 'env' in reference ? process.env[reference.env] : await readSecretFile(reference);
  if (secret === undefined) throw unavailable(reference, 'is not set');
  const trimmed = secret.replace(/\r?\n$/, '');
  if (trimmed === '') throw unavailable(reference, 'is empty');
  return trimmed;
}

async function readSecretFile(reference: Exclude<SecretReference, { env: string }>): Promise<string> {
  const path = 'file' in reference ? reference.file : credentialPath(reference);
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw unavailable(reference, 'is no file');
    if (stats.size > MAX_BYTES)
      throw unavailable(reference, `has ${stats.size} bytes, at most ${MAX_BYTES} make sense`);
    // systemd guards credentials itself, partly by access lists that show up as permissions of the group.
    if ('file' in reference) refuseOpenFile(reference, stats.mode);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw unavailable(reference, fileTrouble(error), error);
  }
}

function refuseOpenFile(reference: { readonly file: string }, mode: number): void {
  if ((mode & OTHERS) === 0) return;
  const permissions = (mode & 0o777).toString(8).padStart(4, '0');
  throw unavailable(reference, `can be read by others (mode ${permissions}): chmod 0600 ${reference.file}`);
}

function fileTrouble(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  return code === 'EACCES' ? 'cannot be read by this user' : messageOf(error);
}

function credentialPath(reference: { readonly credential: string }): string {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  if (folder === undefined) {
    throw unavailable(reference, 'is not there: systemd provides it to the service with LoadCredential=');
  }
  return join(folder, reference.credential);
}

function unavailable(reference: SecretReference, trouble: string, cause?: unknown): GatewayError {
  return new GatewayError('secret-unavailable', `${formatReference(reference)} ${trouble}`, { cause });
}

/** `file /etc/weir/key`: what a message may say of a secret. */
export function formatReference(reference: SecretReference): string {
  if ('file' in reference) return `file ${reference.file}`;
  return 'env' in reference ? `environment variable ${reference.env}` : `credential ${reference.credential}`;
}
