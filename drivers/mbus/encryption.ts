import { createCipheriv, createDecipheriv } from 'node:crypto';
import { encodeSecondary, type Identification } from './secondary-address.ts';

/** What the configuration word of a header says of the data behind it (EN 13757-7, 7.6). */
export type Protection =
  | { readonly kind: 'none' }
  /** AES-128 in cipher block chaining, over so many bytes from the beginning. */
  | { readonly kind: 'mode-5'; readonly bytes: number }
  | { readonly kind: 'other'; readonly name: string };

const BLOCK = 16;
const KEY_BYTES = 16;
const MODE_5 = 5;

const OTHER_MODES: Readonly<Record<number, string>> = {
  1: 'mode 1 (reserved)',
  2: 'mode 2 (DES)',
  3: 'mode 3 (DES)',
  4: 'mode 4 (AES-128, fixed initialisation vector)',
  6: 'mode 6 (reserved)',
  7: 'mode 7 (AES-128 with derived keys)',
  8: 'mode 8 (AES-128, CTR)',
  9: 'mode 9 (AES-128, GCM)',
  10: 'mode 10 (AES-128, CCM)',
  13: 'mode 13 (TLS)',
};

/** Old meters put a signature of their own into this word: what is no known mode means none. */
export function protectionOf(configuration: number): Protection {
  const mode = (configuration >> 8) & 0x1f;
  if (mode === MODE_5) {
    const bytes = ((configuration >> 4) & 0x0f) * BLOCK;
    return bytes === 0 ? { kind: 'none' } : { kind: 'mode-5', bytes };
  }
  const name = OTHER_MODES[mode];
  return name === undefined ? { kind: 'none' } : { kind: 'other', name };
}

/** The configuration word that announces encrypted data. */
export function mode5Configuration(encrypted: Buffer): number {
  return (MODE_5 << 8) | ((encrypted.length / BLOCK) << 4);
}

/** EN 13757-7, 7.6.6.2: who sent it, and its access number eight times. */
function initialisation({ id, manufacturer, version, medium }: Identification, access: number): Buffer {
  const address = encodeSecondary({ id, manufacturer, version, medium });
  const reordered = Buffer.concat([address.subarray(4, 6), address.subarray(0, 4), address.subarray(6)]);
  return Buffer.concat([reordered, Buffer.alloc(KEY_BYTES - reordered.length, access)]);
}

/** Which meter's telegram it is, and the number by which it tells its telegrams apart. */
export type Sender = { readonly identification: Identification; readonly access: number };

// EN 13757-7, 7.6.6.2: two fillers begin what was encrypted, so that a wrong key shows.
const VERIFICATION = Buffer.of(0x2f, 0x2f);

/** The data in clear; a sentence where the key does not fit, or not all of them are there. */
export function decrypt(
  data: Buffer,
  encrypted: number,
  key: Buffer,
  { identification, access }: Sender,
): Buffer | string {
  if (data.length < encrypted) return `it has ${data.length} bytes, though ${encrypted} are said to be encrypted`;
  const cipher = createDecipheriv('aes-128-cbc', key, initialisation(identification, access));
  cipher.setAutoPadding(false);
  const clear = Buffer.concat([cipher.update(data.subarray(0, encrypted)), cipher.final()]);
  if (!clear.subarray(0, VERIFICATION.length).equals(VERIFICATION)) return 'the key does not fit this meter';
  return Buffer.concat([clear, data.subarray(encrypted)]);
}

/** The inverse, for meters that are played: data of any length, with fillers before them up to whole blocks. */
export function encrypt(data: Buffer, key: Buffer, { identification, access }: Sender): Buffer {
  const length = Math.ceil((VERIFICATION.length + data.length) / BLOCK) * BLOCK;
  const filled = Buffer.alloc(length, VERIFICATION);
  data.copy(filled, length - data.length);
  const cipher = createCipheriv('aes-128-cbc', key, initialisation(identification, access));
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(filled), cipher.final()]);
}
