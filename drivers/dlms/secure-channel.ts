import { answerChallenge, provenCounter, seal, unseal, type Keys } from './ciphering.ts';
import { encodeOctets, malformed, Reader } from './reader.ts';

/** Numbers that no message protected by a key may share. */
export interface Counters {
  /** The next one for what we send; durable, so that no restart can give it out again. */
  next(): Promise<number>;
  /** Whether a number of the other side is higher than all before; remembers it. */
  admit(counter: number): boolean;
}

// Green Book 9.5: what a protected service begins with instead of its plain tag.
const GLOBAL_OFFSET = 0x08;
const DEDICATED_OFFSET = 0x10;
const SERVICES = 0xc0;
const protectedTags = new Map<number, number>([
  [0x01, 0x21], // initiate request
  [0x08, 0x28], // initiate response
  [0x0e, 0x2e], // confirmed service error
  [0x05, 0x25], // read request
  [0x0c, 0x2c], // read response
]);

/** Counters of a key that was made for one association: nobody has met it before. */
export function freshCounters(): Counters {
  let sent = 0;
  let heard = -1;
  return {
    next: () => Promise.resolve(sent++),
    admit: (counter) => {
      if (counter <= heard) return false;
      heard = counter;
      return true;
    },
  };
}

/** A key with its counters. */
type Guard = { readonly keys: Keys; readonly counters: Counters };

/**
 * Protects what goes to one meter, and proves what comes from it: with global keys, and the services of an association
 * with a dedicated one where the sides have agreed upon that.
 */
export class SecureChannel {
  readonly title: Buffer;
  readonly #keys: Keys;
  readonly #counters: Counters;
  #dedicated: Guard | undefined;
  #peer: Buffer = Buffer.alloc(0);

  /** `title`: our own system title. */
  constructor(title: Buffer, keys: Keys, counters: Counters) {
    this.title = title;
    this.#keys = keys;
    this.#counters = counters;
  }

  /** The system title that the other side told. */
  meet(peer: Buffer): void {
    this.#peer = peer;
  }

  /** An association begins: what was agreed upon before is over. */
  begin(): void {
    this.#dedicated = undefined;
  }

  /** Services are protected with this encryption key from now on. */
  dedicate(encryption: Buffer): void {
    this.#dedicated = { keys: { ...this.#keys, encryption }, counters: freshCounters() };
  }

  async protect(apdu: Buffer): Promise<Buffer> {
    const plainTag = apdu[0] ?? 0;
    const isService = !protectedTags.has(plainTag);
    const dedicated = isService ? this.#dedicated : undefined;
    const { keys, counters } = dedicated ?? this.#global;
    const offset = dedicated === undefined ? GLOBAL_OFFSET : DEDICATED_OFFSET;
    const tag = protectedTags.get(plainTag) ?? plainTag + offset;
    const sealed = seal(apdu, { keys, title: this.title, counter: await counters.next() });
    return Buffer.concat([Buffer.of(tag), encodeOctets(sealed)]);
  }

  get #global(): Guard {
    return { keys: this.#keys, counters: this.#counters };
  }

  /** Whether an APDU is protected. */
  isProtected(apdu: Buffer): boolean {
    return openingOf(apdu[0] ?? 0) !== undefined;
  }

  /** The content of what the other side protected; undefined where it was heard before. Throws `answer-malformed`. */
  unprotect(apdu: Buffer): Buffer | undefined {
    const reader = new Reader(apdu);
    const opening = openingOf(reader.uint8());
    if (opening === undefined) throw malformed('an answer that is not protected');
    const guard = opening.isDedicated ? this.#dedicated : this.#global;
    if (guard === undefined) throw malformed('an answer protected with a dedicated key, which was not agreed upon');
    const sealed = reader.octets();
    reader.end();
    const { plain, counter } = unseal(sealed, { keys: guard.keys, title: this.#peer, verify: true });
    if (plain[0] !== opening.plainTag) throw malformed('what is protected is not what it is said to be');
    return guard.counters.admit(counter) ? plain : undefined;
  }

  /** The proof that we know the keys. */
  async answer(challenge: Buffer): Promise<Buffer> {
    return answerChallenge(challenge, { keys: this.#keys, title: this.title, counter: await this.#counters.next() });
  }

  /** Whether the other side has proved that it knows them. */
  accepts(proof: Buffer, challenge: Buffer): boolean {
    return provenCounter(proof, challenge, { keys: this.#keys, title: this.#peer }) !== undefined;
  }
}

/** What is inside of an APDU with this tag, and which key opens it; undefined where it is not protected. */
function openingOf(tag: number): { readonly plainTag: number; readonly isDedicated: boolean } | undefined {
  for (const [plainTag, cipher] of protectedTags) if (cipher === tag) return { plainTag, isDedicated: false };
  const offset = [GLOBAL_OFFSET, DEDICATED_OFFSET].find((each) => tag >= SERVICES + each && tag < SERVICES + each + 8);
  if (offset === undefined) return undefined;
  return { plainTag: tag - offset, isDedicated: offset === DEDICATED_OFFSET };
}
