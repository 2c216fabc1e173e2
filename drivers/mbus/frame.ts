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

const NOTHING: Buffer = Buffer.alloc(0);

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
  switch (bytes[at] ?? 0) {
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
  const length = lengthAt(bytes, at);
  if (length === undefined) return undefined;
  const total = HEAD_BYTES + length + TAIL_BYTES;
  if (bytes.length - at < total) return { kind: 'unfinished', length: total };
  const body = at + HEAD_BYTES;
  const end = body + length;
  if (bytes[end] !== checksum(bytes, body, end) || bytes[end + 1] !== STOP) return { kind: 'damaged', length: total };
  const frame: LongFrame = {
    kind: 'long',
    control: bytes.readUInt8(body),
    address: bytes.readUInt8(body + 1),
    information: bytes.readUInt8(body + 2),
    data: bytes.subarray(body + LEAST_LENGTH, end),
  };
  return { kind: 'frame', frame, length: total };
}

/** The length that the head of a frame tells, as far as it is there; undefined where it is no head. */
function lengthAt(bytes: Buffer, at: number): number | undefined {
  const length = bytes[at + 1] ?? LEAST_LENGTH;
  const isHead = length === (bytes[at + 2] ?? length) && (bytes[at + 3] ?? LONG_START) === LONG_START;
  return isHead && length >= LEAST_LENGTH ? length : undefined;
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
    return this.#cut(this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]), false);
  }

  /** Gives up waiting: answers with what is left, taken apart, frames that were hidden in it too. */
  drop(): readonly Piece[] {
    const pieces = this.#cut(this.#rest, true);
    this.#isNoisy = false;
    return pieces;
  }

  #cut(bytes: Buffer, isLast: boolean): readonly Piece[] {
    const pieces: Piece[] = [];
    for (let from = 0; ;) {
      const { start, frame, end, isDamaged } = seek(bytes, from, { isLast, isNoisy: this.#isNoisy });
      if (start > from) {
        pieces.push({ kind: isDamaged ? 'checksum-error' : 'noise', bytes: bytes.subarray(from, start) });
        this.#isNoisy = true;
      }
      if (frame === undefined) {
        this.#rest = Buffer.from(bytes.subarray(start));
        return pieces;
      }
      pieces.push({ kind: 'frame', frame, bytes: bytes.subarray(start, end) });
      this.#isNoisy = false;
      from = end;
    }
  }
}

/** The next frame and where it lies; without one, where that begins which may become one. */
type Sought = {
  readonly start: number;
  readonly frame?: Frame;
  readonly end: number;
  /** A frame whose checksum is wrong lies before it. */
  readonly isDamaged: boolean;
};

function seek(bytes: Buffer, from: number, { isLast, isNoisy }: { isLast: boolean; isNoisy: boolean }): Sought {
  let isDamaged = false;
  for (let start = from; start < bytes.length; start++) {
    const found = beginsAt(bytes, start);
    if (found === undefined) continue;
    const end = start + found.length;
    if (found.kind === 'unfinished' && !isLast) return { start, end, isDamaged };
    const isCredible = found.kind === 'frame' && (found.length > 1 || (!isNoisy && start === from));
    if (isCredible) return { start, frame: found.frame, end, isDamaged };
    isDamaged ||= found.kind === 'damaged';
  }
  return { start: bytes.length, end: bytes.length, isDamaged };
}
