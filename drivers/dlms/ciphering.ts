import { createCipheriv, createDecipheriv } from 'node:crypto';
import { encodeOctets, malformed, Reader, uint32 } from './reader.ts';

// Green Book 9.2: security suite 0, AES-GCM with keys of 128 bits. The initialisation vector is the system title of the
// sender and an invocation counter that no key may ever meet twice.

const ALGORITHM = 'aes-128-gcm';
const TAG_BYTES = 12;
const HEADER_BYTES = 5; // security control, invocation counter

export type Keys = {
  /** Global unicast encryption key, or a dedicated one: 16 bytes. */
  readonly encryption: Buffer;
  /** Authentication key, 16 bytes. */
  readonly authentication: Buffer | undefined;
};

/** Bits of the security control byte; the lowest four are the suite. */
const AUTHENTICATED = 0x10;
const ENCRYPTED = 0x20;
const BROADCAST = 0x40;
const COMPRESSED = 0x80;
const SUITE = 0x0f;

/** How something is to be protected; `title` is the sender's, of eight bytes. */
export type Seal = { readonly keys: Keys; readonly title: Buffer; readonly counter: number };

/** What a meter protected; `insecure` where nothing proves that it is the meter's. */
export type Unsealed = { readonly plain: Buffer; readonly counter: number; readonly insecure: boolean };

/** Authenticates and encrypts: security control, counter, cipher text and tag. */
export function seal(plain: Buffer, { keys, title, counter }: Seal): Buffer {
  const control = AUTHENTICATED | ENCRYPTED;
  const cipher = createCipheriv(ALGORITHM, keys.encryption, vector(title, counter), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([Buffer.of(control), keys.authentication ?? Buffer.alloc(0)]));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(control), uint32(counter), text, cipher.getAuthTag()]);
}

/**
 * The content of what a sender with `title` protected. Without `verify` what is not authenticated, or wrongly so, is
 * taken as well. Throws `answer-malformed` for the rest.
 */
export function unseal(
  sealed: Buffer,
  { keys, title, verify }: { readonly keys: Keys; readonly title: Buffer; readonly verify: boolean },
): Unsealed {
  if (sealed.length < HEADER_BYTES) throw malformed('a protected APDU without its header');
  const control = sealed.readUInt8();
  const counter = sealed.readUInt32BE(1);
  requireKnown(control);
  const isAuthenticated = (control & AUTHENTICATED) !== 0;
  if (!isAuthenticated && verify) {
    throw malformed('it is not authenticated, so anybody could have sent it; `verify: false` takes it nevertheless');
  }
  const end = isAuthenticated ? sealed.length - TAG_BYTES : sealed.length;
  if (end < HEADER_BYTES) throw malformed('a protected APDU without its tag');
  const text = sealed.subarray(HEADER_BYTES, end);
  const opened = open({ keys, title, counter, control }, text, sealed.subarray(end));
  if (verify && !opened.isGenuine) {
    throw malformed('its authentication tag is wrong: other keys than the meter has, or not what the meter sent');
  }
  return { plain: opened.plain, counter, insecure: !opened.isGenuine };
}

function requireKnown(control: number): void {
  if ((control & SUITE) !== 0) throw malformed(`security suite ${control & SUITE}, only suite 0 is known`);
  if ((control & COMPRESSED) !== 0) throw malformed('it is compressed, which is not known');
  if ((control & BROADCAST) !== 0) throw malformed('it is protected by a broadcast key, which is not known');
}

function open(
  { keys, title, counter, control }: Seal & { readonly control: number },
  text: Buffer,
  tag: Buffer,
): { readonly plain: Buffer; readonly isGenuine: boolean } {
  const key = keys.authentication ?? Buffer.alloc(0);
  const isEncrypted = (control & ENCRYPTED) !== 0;
  const decipher = createDecipheriv(ALGORITHM, keys.encryption, vector(title, counter), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([Buffer.of(control), key, ...(isEncrypted ? [] : [text])]));
  const plain = isEncrypted ? decipher.update(text) : text;
  if (tag.length === 0) return { plain, isGenuine: false };
  try {
    decipher.setAuthTag(tag);
    decipher.final();
    return { plain, isGenuine: keys.authentication !== undefined };
  } catch {
    return { plain, isGenuine: false };
  }
}

function vector(title: Buffer, counter: number): Buffer {
  return Buffer.concat([title, uint32(counter)]);
}

/**
 * Green Book 9.2.7.4: the proof of HLS 5 that one knows the keys: security control, counter and the authentication tag
 * over the challenge, which is not repeated itself.
 */
export function answerChallenge(challenge: Buffer, { keys, title, counter }: Seal): Buffer {
  const cipher = createCipheriv(ALGORITHM, keys.encryption, vector(title, counter), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([Buffer.of(AUTHENTICATED), keys.authentication ?? Buffer.alloc(0), challenge]));
  cipher.final();
  return Buffer.concat([Buffer.of(AUTHENTICATED), uint32(counter), cipher.getAuthTag()]);
}

/** The invocation counter of such a proof; undefined where it is none for this challenge. */
export function provenCounter(
  proof: Buffer,
  challenge: Buffer,
  { keys, title }: { readonly keys: Keys; readonly title: Buffer },
): number | undefined {
  if (proof.length !== HEADER_BYTES + TAG_BYTES || proof.readUInt8() !== AUTHENTICATED) return undefined;
  const counter = proof.readUInt32BE(1);
  return answerChallenge(challenge, { keys, title, counter }).equals(proof) ? counter : undefined;
}

/** First byte of general-glo-ciphering and general-ded-ciphering: IEC 62056-53, 8.6. */
export const generalTags = { global: 0xdb, dedicated: 0xdc } as const;

/** An APDU that names its sender: general ciphering. @internal */
export function encodeGeneral(tag: number, title: Buffer, sealed: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), encodeOctets(title), encodeOctets(sealed)]);
}

/** Sender and content of such an APDU. Throws `answer-malformed`. */
export function decodeGeneral(apdu: Buffer): { readonly tag: number; readonly title: Buffer; readonly sealed: Buffer } {
  const reader = new Reader(apdu);
  const tag = reader.uint8();
  const title = reader.octets();
  const sealed = reader.octets();
  reader.end();
  return { tag, title, sealed };
}
