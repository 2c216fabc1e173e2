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
const SERVICES = 0xc0;
const protectedTags = new Map<number, number>([
  [0x01, 0x21], // initiate request
  [0x08, 0x28], // initiate response
  [0x0e, 0x2e], // confirmed service error
  [0x05, 0x25], // read request
  [0x0c, 0x2c], // read response
]);

/** Protects what goes to one meter, and proves what comes from it, with global keys. */
export class SecureChannel {
  readonly title: Buffer;
  readonly #keys: Keys;
  readonly #counters: Counters;
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

  async protect(apdu: Buffer): Promise<Buffer> {
    const plainTag = apdu[0] ?? 0;
    const tag = protectedTags.get(plainTag) ?? plainTag + GLOBAL_OFFSET;
    const sealed = seal(apdu, { keys: this.#keys, title: this.title, counter: await this.#counters.next() });
    return Buffer.concat([Buffer.of(tag), encodeOctets(sealed)]);
  }

  /** Whether an APDU is protected. */
  isProtected(apdu: Buffer): boolean {
    return plainTagOf(apdu[0] ?? 0) !== undefined;
  }

  /** The content of what the other side protected; undefined where it was heard before. Throws `answer-malformed`. */
  unprotect(apdu: Buffer): Buffer | undefined {
    const reader = new Reader(apdu);
    const plainTag = plainTagOf(reader.uint8());
    if (plainTag === undefined) throw malformed('an answer that is not protected');
    const sealed = reader.octets();
    reader.end();
    const { plain, counter } = unseal(sealed, { keys: this.#keys, title: this.#peer, verify: true });
    if (plain[0] !== plainTag) throw malformed('what is protected is not what it is said to be');
    return this.#counters.admit(counter) ? plain : undefined;
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

function plainTagOf(tag: number): number | undefined {
  for (const [plain, cipher] of protectedTags) if (cipher === tag) return plain;
  return tag >= SERVICES + GLOBAL_OFFSET && tag < SERVICES + 2 * GLOBAL_OFFSET ? tag - GLOBAL_OFFSET : undefined;
}
