/** What travels on the line: EN 13757-2, the link layer of IEC 60870-5-1 in frame format FT1.2. */
export type Frame =
  | { readonly kind: 'acknowledgement' }
  | { readonly kind: 'short'; readonly control: number; readonly address: number }
  | LongFrame;

/** A control frame is a long one that carries nothing behind its control information. */
export type LongFrame = {
  readonly kind: 'long';
  readonly control: number;
  readonly address: number;
  /** The CI field: what the user data are. */
  readonly information: number;
  readonly data: Buffer;
};

/** A stretch of what arrived; `bytes` as they came. */
export type Piece =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly bytes: Buffer }
  /** What belongs to no frame, or to one that was damaged on its way. */
  | { readonly kind: 'noise' | 'checksum-error'; readonly bytes: Buffer };

export const NOTHING: Buffer = Buffer.alloc(0);

const ACKNOWLEDGEMENT = 0xe5;
const SHORT_START = 0x10;
const LONG_START = 0x68;
const STOP = 0x16;

const SHORT_BYTES = 5;
const HEAD_BYTES = 4; // start, length twice, start again
const TAIL_BYTES = 2; // checksum and stop
const LEAST_LENGTH = 3; // control, address and control information

/** The longest frame: its length is one byte. */
export const LONGEST_FRAME = HEAD_BYTES + 255 + TAIL_BYTES;

export function encodeFrame(frame: Frame): Buffer {
  if (frame.kind === 'acknowledgement') return Buffer.of(ACKNOWLEDGEMENT);
  const { control, address } = frame;
  if (frame.kind === 'short') return Buffer.of(SHORT_START, control, address, (control + address) & 0xff, STOP);
  const body = Buffer.concat([Buffer.of(control, address, frame.information), frame.data]);
  const head = Buffer.of(LONG_START, body.length, body.length, LONG_START);
  return Buffer.concat([head, body, Buffer.of(checksum(body, 0, body.length), STOP)]);
}

/** The sum of all bytes, without carry. */
function checksum(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at++) sum += bytes[at] ?? 0;
  return sum & 0xff;
}

/** What begins at a place: a frame, the length of one that is not all there yet, or nothing of the kind. */
type Beginning =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly length: number }
  | { readonly kind: 'unfinished' | 'damaged'; readonly length: number }
  | undefined;

function beginsAt(bytes: Buffer, at: number): Beginning {
  switch (bytes[at]) {
    case ACKNOWLEDGEMENT:
      return { kind: 'frame', frame: { kind: 'acknowledgement' }, length: 1 };
    case SHORT_START:
      return shortAt(bytes, at);
    case LONG_START:
      return longAt(bytes, at);
    default:
      return undefined;
  }
}

function shortAt(bytes: Buffer, at: number): Beginning {
  if (bytes.length - at < SHORT_BYTES) return { kind: 'unfinished', length: SHORT_BYTES };
  const [control = 0, address = 0, sum, stop] = bytes.subarray(at + 1, at + SHORT_BYTES);
  if (sum !== ((control + address) & 0xff) || stop !== STOP) return undefined;
  return { kind: 'frame', frame: { kind: 'short', control, address }, length: SHORT_BYTES };
}

function longAt(bytes: Buffer, at: number): Beginning {
  const [, length = LEAST_LENGTH, again = length, start = LONG_START] = bytes.subarray(at, at + HEAD_BYTES);
  if (length !== again || start !== LONG_START || length < LEAST_LENGTH) return undefined;
  const total = HEAD_BYTES + length + TAIL_BYTES;
  if (bytes.length - at < total) return { kind: 'unfinished', length: total };
  const body = at + HEAD_BYTES;
  const end = body + length;
  if (bytes[end] !== checksum(bytes, body, end) || bytes[end + 1] !== STOP) return { kind: 'damaged', length: total };
  const [control = 0, address = 0, information = 0] = bytes.subarray(body, body + LEAST_LENGTH);
  const data = bytes.subarray(body + LEAST_LENGTH, end);
  return { kind: 'frame', frame: { kind: 'long', control, address, information, data }, length: total };
}

/**
 * Cuts what arrives, in any chunks, into frames and what is none. A frame that proves damaged is searched for others:
 * its beginning may have been noise. An acknowledgement is one byte, which noise has too, so it counts only where no
 * noise comes before it; `drop` begins anew.
 */
export class Framer {
  #rest = NOTHING;
  #isNoisy = false;

  /** Whether bytes wait for the rest of their frame. */
  get isUnfinished(): boolean {
    return this.#rest.length > 0;
  }

  push(bytes: Buffer): readonly Piece[] {
    const held = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return this.#cut(held, false);
  }

  /** Gives up waiting: answers with what is left, taken apart, frames that were hidden in it too. */
  drop(): readonly Piece[] {
    const pieces = this.#cut(this.#rest, true);
    this.#isNoisy = false;
    return pieces;
  }

  #cut(bytes: Buffer, isLast: boolean): readonly Piece[] {
    const pieces: Piece[] = [];
    let noise = 0; // where the noise before `at` begins
    let isDamaged = false;
    const tell = (end: number): void => {
      if (end > noise) pieces.push({ kind: isDamaged ? 'checksum-error' : 'noise', bytes: bytes.subarray(noise, end) });
      this.#isNoisy ||= end > noise;
      isDamaged = false;
    };
    let at = 0;
    while (at < bytes.length) {
      const found = beginsAt(bytes, at);
      if (found?.kind === 'unfinished' && !isLast) break;
      isDamaged ||= found?.kind === 'damaged';
      if (found?.kind !== 'frame' || (found.length === 1 && (this.#isNoisy || at > noise))) {
        at += 1;
        continue;
      }
      tell(at);
      pieces.push({ kind: 'frame', frame: found.frame, bytes: bytes.subarray(at, at + found.length) });
      at += found.length;
      noise = at;
      this.#isNoisy = false;
    }
    tell(at);
    this.#rest = isLast ? NOTHING : Buffer.from(bytes.subarray(at));
    return pieces;
  }
}
