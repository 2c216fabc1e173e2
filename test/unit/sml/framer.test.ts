import { describe, expect, test } from 'vitest';
import { frameMessages, SmlFramer, type SmlPiece } from '../../../drivers/sml/framer.ts';
import { flipped } from '../../support/sml-telegrams.ts';

const MESSAGES = Buffer.from('7601020304051b1b1b1b0708', 'hex');
const FRAME = frameMessages(MESSAGES);

function filesIn(...chunks: readonly Buffer[]): readonly string[] {
  return piecesIn(...chunks).flatMap((piece) => (piece.kind === 'file' ? piece.messages.toString('hex') : []));
}

function piecesIn(...chunks: readonly Buffer[]): readonly SmlPiece[] {
  const framer = new SmlFramer();
  return chunks.flatMap((chunk) => framer.push(chunk));
}

describe('the transport of SML', () => {
  test('is as the standard has it: start, data, padding, end and checksum', () => {
    expect(frameMessages(Buffer.from('0102030405', 'hex')).toString('hex')).toMatch(
      /^1b1b1b1b01010101010203040500000(0)1b1b1b1b1a03[0-9a-f]{4}$/,
    );
  });

  test.each([
    '',
    '00',
    '1b1b1b1b',
    '001b1b1b1b00',
    '1b1b1b1b1b1b1b1b',
    '1b1b1b1b01010101',
    '1b1b1b1b1a000000',
    '1b1b1b',
  ])('carries %j whatever it looks like', (hex) =>
    expect(filesIn(frameMessages(Buffer.from(hex, 'hex')))).toEqual([hex]),
  );

  test('is understood at every split, doubled, and with noise around it', () => {
    const stream = Buffer.concat([Buffer.from('ff1b1b', 'hex'), FRAME, Buffer.from('1b1b1b1b00', 'hex'), FRAME, FRAME]);
    const wanted = Array.from({ length: 3 }, () => MESSAGES.toString('hex'));
    for (let split = 0; split <= stream.length; split += 1) {
      expect(filesIn(stream.subarray(0, split), stream.subarray(split))).toEqual(wanted);
    }
    expect(filesIn(...[...stream].map((byte) => Buffer.of(byte)))).toEqual(wanted);
  });

  test('gives nothing of a file that is cut off anywhere, and all of the next', () => {
    for (let length = 0; length < FRAME.length; length += 1) {
      expect(filesIn(FRAME.subarray(0, length))).toEqual([]);
      expect(filesIn(Buffer.concat([FRAME.subarray(0, length), FRAME]))).toEqual([MESSAGES.toString('hex')]);
    }
  });

  test('gives nothing of a file with any bit turned, and all of the next', () => {
    for (let bit = 0; bit < FRAME.length * 8; bit += 1) {
      const spoilt = flipped(FRAME, bit >> 3, bit & 7);
      expect(filesIn(Buffer.concat([spoilt, FRAME]))).toEqual([MESSAGES.toString('hex')]);
    }
  });

  test('gives up a file without an end', () => {
    const endless = Buffer.concat([FRAME.subarray(0, 8), Buffer.alloc(20_000, 0x55), FRAME]);
    expect(filesIn(endless)).toEqual([MESSAGES.toString('hex')]);
    expect(piecesIn(endless).map(({ kind }) => kind)).toEqual(['broken', 'file']);
  });

  test('names the other checksum where that is right', () => {
    expect(piecesIn(frameMessages(MESSAGES, 'kermit'))[0]).toMatchObject({
      kind: 'broken',
      isChecksum: true,
      why: expect.stringContaining('deviations: [kermit-checksum]'),
    });
    expect(new SmlFramer(['x25', 'kermit']).push(frameMessages(MESSAGES, 'kermit'))[0]?.kind).toBe('file');
  });
});
