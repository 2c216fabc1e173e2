import { announcedLength, decodeFrame, FLAG, judgeHeader, type Frame } from './hdlc-frame.ts';

/** What a stretch of bytes turned out to be; `bytes` as they arrived. */
export type Found =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly bytes: Buffer }
  | { readonly kind: 'noise' | 'checksum-error'; readonly bytes: Buffer };

const NOTHING: Buffer = Buffer.alloc(0);

/** Finds HDLC frames in what arrives in any chunks. What cannot become a frame is given up as soon as that is known. */
export class HdlcFramer {
  #rest = NOTHING;

  push(bytes: Buffer): readonly Found[] {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const found: Found[] = [];
    while (rest.length > 0) {
      const piece = cut(rest);
      if (piece === undefined) break;
      if (piece.kind !== 'flag') found.push(piece);
      rest = rest.subarray(piece.bytes.length);
    }
    // A copy: what was cut out of a large chunk must not keep it alive.
    this.#rest = Buffer.from(rest);
    return joined(found);
  }

  /** Throws away what is unfinished; answers with it. */
  drop(): Buffer {
    const rest = this.#rest;
    this.#rest = NOTHING;
    return rest;
  }
}

/** The first piece; undefined while it is not known what it is. A lone flag is fill between frames. */
function cut(bytes: Buffer): Found | { readonly kind: 'flag'; readonly bytes: Buffer } | undefined {
  const start = bytes.indexOf(FLAG);
  if (start !== 0) return { kind: 'noise', bytes: start < 0 ? bytes : bytes.subarray(0, start) };
  if (bytes[1] === FLAG) return { kind: 'flag', bytes: bytes.subarray(0, 1) };
  if (bytes.length < 3) return undefined;
  const verdict = judgeHeader(bytes.subarray(1));
  if (verdict === 'unfinished') return undefined;
  return verdict === 'whole' ? framed(bytes) : { kind: verdict, bytes: upToFlag(bytes) };
}

/** The frame whose header is whole; undefined while the rest of it has not arrived. */
function framed(bytes: Buffer): Found | undefined {
  const end = 1 + (announcedLength(bytes.subarray(1)) ?? 0);
  if (bytes.length <= end) return undefined;
  try {
    if (bytes[end] !== FLAG) return { kind: 'checksum-error', bytes: upToFlag(bytes) };
    // The closing flag may open the next frame as well: it stays.
    return { kind: 'frame', frame: decodeFrame(bytes.subarray(1, end)), bytes: bytes.subarray(0, end) };
  } catch {
    return { kind: 'checksum-error', bytes: upToFlag(bytes) };
  }
}

/** A frame may begin at any flag within one that is damaged. */
function upToFlag(bytes: Buffer): Buffer {
  const next = bytes.indexOf(FLAG, 1);
  return next < 0 ? bytes : bytes.subarray(0, next);
}

/** Neighbouring pieces of noise as one; so too what follows a damaged frame, which is its remains. */
function joined(found: readonly Found[]): readonly Found[] {
  const pieces: Found[] = [];
  for (const piece of found) {
    const last = pieces.at(-1);
    if (last !== undefined && last.kind !== 'frame' && piece.kind === 'noise') {
      pieces[pieces.length - 1] = { kind: last.kind, bytes: Buffer.concat([last.bytes, piece.bytes]) };
    } else pieces.push(piece);
  }
  return pieces;
}
