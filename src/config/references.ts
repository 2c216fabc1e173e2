import { access, constants } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { Driver } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import type { SecretReference } from '../model/secret.ts';
import { formatReference, readSecret } from '../wire/secrets.ts';
import type { KeyPath } from './fault.ts';
import type { Section } from './section.ts';

// What a part of the configuration refers to and does not contain: secrets, wherever they stand, and PEM files under
// keys of these names.
const FILE_KEYS: readonly unknown[] = ['ca', 'certificate'];

type Visitor = {
  readonly secret: (reference: SecretReference, path: KeyPath) => SecretReference;
  readonly file: (file: string, path: KeyPath) => string;
};

/** A copy of `value` in which every reference is what the visitor makes of it. */
function mapReferences(value: unknown, visitor: Visitor, path: KeyPath = []): unknown {
  if (typeof value === 'string') return FILE_KEYS.includes(path.at(-1)) ? visitor.file(value, path) : value;
  if (isSecret(value)) return visitor.secret(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapReferences(item, visitor, [...path, index]));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, mapReferences(child, visitor, [...path, key])]),
  );
}

const SECRET_KEYS = ['file', 'credential', 'env'];

function isSecret(value: unknown): value is SecretReference {
  if (!isPlain(value)) return false;
  const entries = Object.entries(value);
  return entries.length === 1 && entries.every(([key, text]) => SECRET_KEYS.includes(key) && typeof text === 'string');
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Settings whose references no longer depend on the working directory: relative paths begin in `folder`. */
export function anchorReferences(settings: unknown, folder: string): unknown {
  return mapReferences(settings, {
    secret: (reference) => anchorSecret(reference, folder),
    file: (file) => anchorPath(file, folder),
  });
}

/** A reference whose file, if it is one, no longer depends on the working directory. */
export function anchorSecret(reference: SecretReference, folder: string): SecretReference {
  return 'file' in reference ? { file: anchorPath(reference.file, folder) } : reference;
}

/** A path that begins in `folder` where it is relative. */
export function anchorPath(path: string, folder: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}

/**
 * Complains of the secrets and certificates of `settings`, anchored, that this user cannot read on this machine now, and
 * of secrets that have another form than their driver wants.
 */
export async function checkReferences(section: Section, settings: unknown, driver?: Driver): Promise<void> {
  const checks: Promise<void>[] = [];
  mapReferences(settings, {
    secret: (reference, path) => {
      checks.push(checkSecret(section.at(...path), reference, (secret) => driver?.secretFault?.(path, secret)));
      return reference;
    },
    file: (file, path) => {
      checks.push(checkFile(section.at(...path), file));
      return file;
    },
  });
  await Promise.all(checks);
}

async function checkSecret(
  section: Section,
  reference: SecretReference,
  faultOf: (secret: string) => string | undefined,
): Promise<void> {
  try {
    const fault = faultOf(await readSecret(reference));
    if (fault === undefined) return;
    section.complain(
      `${formatReference(reference)} ${fault}`,
      'as whoever runs the meter gave it to you',
      'secret-unavailable',
    );
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    section.complain(error.message, 'it must be there and readable for this user only', 'secret-unavailable');
  }
}

async function checkFile(section: Section, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch {
    section.complain(`${path} is not there or not readable`, 'name a PEM file that this user can read');
  }
}
