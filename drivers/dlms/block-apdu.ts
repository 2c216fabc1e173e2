import { encodeOctets, Reader, uint16 } from './reader.ts';

// IEC 62056-5-3, general block transfer: any APDU in blocks, in both directions, several of them without being asked.

export const GENERAL_BLOCK = 0xe0;

const LAST = 0x80;
const STREAMING = 0x40;
const WINDOW = 0x3f;

export type BlockApdu = {
  /** Nothing follows of what its sender says. */
  readonly last: boolean;
  /** More comes without being asked for. */
  readonly streaming: boolean;
  /** How many blocks the sender takes at once. */
  readonly window: number;
  /** Its own number, from 1, and that of the last one that has arrived in sequence. */
  readonly number: number;
  readonly acknowledged: number;
  readonly bytes: Buffer;
};

export function encodeBlock({ last, streaming, window, number, acknowledged, bytes }: BlockApdu): Buffer {
  const control = (last ? LAST : 0) | (streaming ? STREAMING : 0) | window;
  return Buffer.concat([Buffer.of(GENERAL_BLOCK, control), uint16(number), uint16(acknowledged), encodeOctets(bytes)]);
}

/** Throws `answer-malformed`. */
export function decodeBlock(apdu: Buffer): BlockApdu {
  const reader = new Reader(apdu);
  reader.expect(GENERAL_BLOCK, 'APDU');
  const control = reader.uint8();
  const block = {
    last: (control & LAST) !== 0,
    streaming: (control & STREAMING) !== 0,
    window: control & WINDOW,
    number: reader.uint16(),
    acknowledged: reader.uint16(),
    bytes: reader.octets(),
  };
  reader.end();
  return block;
}

/** What of a block is not its data: tag, control, numbers, length. */
const OVERHEAD = 9;

/** An APDU in pieces that make blocks of no more than `longest` bytes. */
export function piecesOf(apdu: Buffer, longest: number): readonly Buffer[] {
  const size = Math.max(1, longest - OVERHEAD);
  return Array.from({ length: Math.ceil(apdu.length / size) }, (_, index) =>
    apdu.subarray(index * size, (index + 1) * size),
  );
}
