import { createDecipheriv, createCipheriv } from 'node:crypto';

/** What came out of encrypted bytes, in their order. */
export type CipherPiece =
  | { readonly kind: 'opened'; readonly text: Buffer; readonly raw: Buffer }
  | { readonly kind: 'refused'; readonly why: string; readonly isReplay: boolean; readonly raw: Buffer }
  | { readonly kind: 'noise'; readonly raw: Buffer };

export type Keys = {
  /** 16 bytes each. */
  readonly key: Buffer;
  readonly authenticationKey: Buffer;
  /** False: what does not verify is believed all the same. */
  readonly verify: boolean;
};

// General-glo-ciphering as the companions of Luxembourg and Austria use it: DB, length and name of the meter, length,
// security control, invocation counter, text, tag.
const TAG = 0xdb;
const TITLE_BYTES = 8;
const LENGTH_OF_TWO = 0x82;
const HEAD_BYTES = 1 + 1 + TITLE_BYTES + 3;
const CONTROL = 0x30; // encrypted and authenticated, suite 0
const CONTROL_BYTES = 1;
const COUNTER_BYTES = 4;
const TAG_BYTES = 12;
const LEAST = CONTROL_BYTES + COUNTER_BYTES + TAG_BYTES;
const MOST = 16_384;
const START = Buffer.of(TAG, TITLE_BYTES);

/** Whether an invocation counter of the meter with this name is higher than all before; remembers it. */
export type Admit = (meter: string, counter: number) => boolean;

/** Opens encrypted telegrams in a stream of bytes, each of which is taken once. */
export class CipherFramer {
  readonly #keys: Keys;
  readonly #admit: Admit;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(keys: Keys, admit: Admit) {
    this.#keys = keys;
    this.#admit = admit;
  }

  push(chunk: Buffer): readonly CipherPiece[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const pieces: CipherPiece[] = [];
    while (this.#step(pieces)) {
      // Until more bytes are needed.
    }
    return pieces;
  }

  #step(pieces: CipherPiece[]): boolean {
    const start = this.#bytes.indexOf(START);
    if (start !== 0) return this.#noise(start, pieces);
    if (this.#bytes.length < HEAD_BYTES + CONTROL_BYTES) return false;
    const length = this.#bytes.readUInt16BE(HEAD_BYTES - 2);
    const isHead =
      this.#bytes[HEAD_BYTES - 3] === LENGTH_OF_TWO &&
      this.#bytes[HEAD_BYTES] === CONTROL &&
      length >= LEAST &&
      length <= MOST;
    if (!isHead) return this.#refuse('it begins like an encrypted telegram, and is none', false, pieces);
    if (this.#bytes.length < HEAD_BYTES + length) return false;
    return this.#open(HEAD_BYTES + length, pieces);
  }

  #noise(start: number, pieces: CipherPiece[]): boolean {
    // The last byte may be the first of a beginning.
    const length = start === -1 ? this.#bytes.length - 1 : start;
    if (length <= 0) return false;
    pieces.push({ kind: 'noise', raw: this.#cut(length) });
    return start !== -1;
  }

  #open(length: number, pieces: CipherPiece[]): boolean {
    const raw = this.#bytes.subarray(0, length);
    const title = raw.subarray(2, 2 + TITLE_BYTES);
    const counter = raw.readUInt32BE(HEAD_BYTES + CONTROL_BYTES);
    const text = decrypt(raw, this.#keys);
    if (text === undefined) {
      return this.#refuse(
        'its tag does not verify: the key is not that of this meter, or some byte is wrong',
        false,
        pieces,
      );
    }
    // A counter that nothing vouches for must not shut out those that follow.
    if (this.#keys.verify && !this.#admit(title.toString('hex'), counter)) {
      return this.#refuse(
        `its counter ${counter} is above none that came before: it was recorded`,
        true,
        pieces,
        length,
      );
    }
    pieces.push({ kind: 'opened', text, raw: this.#cut(length) });
    return true;
  }

  #refuse(why: string, isReplay: boolean, pieces: CipherPiece[], length = 1): true {
    pieces.push({ kind: 'refused', why, isReplay, raw: this.#cut(length) });
    return true;
  }

  #cut(length: number): Buffer {
    const cut = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return cut;
  }
}

/** Undefined where the tag does not verify, though it should. */
function decrypt(raw: Buffer, { key, authenticationKey, verify }: Keys): Buffer | undefined {
  const body = HEAD_BYTES + CONTROL_BYTES + COUNTER_BYTES;
  const vector = Buffer.concat([raw.subarray(2, 2 + TITLE_BYTES), raw.subarray(HEAD_BYTES + CONTROL_BYTES, body)]);
  const decipher = createDecipheriv('aes-128-gcm', key, vector, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([Buffer.of(CONTROL), authenticationKey]));
  decipher.setAuthTag(raw.subarray(raw.length - TAG_BYTES));
  const text = decipher.update(raw.subarray(body, raw.length - TAG_BYTES));
  try {
    decipher.final();
    return text;
  } catch {
    return verify ? undefined : text;
  }
}

/**
 * Encrypts as a meter does.
 * @internal
 */
export function encrypt(
  text: Buffer,
  title: Buffer,
  counter: number,
  { key, authenticationKey }: Omit<Keys, 'verify'>,
): Buffer {
  const number = Buffer.alloc(COUNTER_BYTES);
  number.writeUInt32BE(counter);
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([title, number]), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([Buffer.of(CONTROL), authenticationKey]));
  const hidden = Buffer.concat([cipher.update(text), cipher.final()]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(LEAST + hidden.length);
  return Buffer.concat([
    START,
    title,
    Buffer.of(LENGTH_OF_TWO),
    length,
    Buffer.of(CONTROL),
    number,
    hidden,
    cipher.getAuthTag(),
  ]);
}
