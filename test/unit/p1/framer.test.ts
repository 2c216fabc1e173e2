import { describe, expect, test } from 'vitest';
import { encodeTelegram } from '../../../drivers/p1/encode.ts';
import { P1Framer, type P1Piece } from '../../../drivers/p1/framer.ts';
import { parseTelegram } from '../../../drivers/p1/telegram.ts';
import { p1Telegram } from '../../support/p1-telegrams.ts';
import { flipped } from '../../support/sml-telegrams.ts';

const CHECKED = p1Telegram();
const PLAIN = encodeTelegram(
  'WIR5\\2OLD-METER',
  ['1-0:1.8.1(00001.001*kWh)', '0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)', '(00001.001)'],
  false,
);

function telegramsIn(...chunks: readonly Buffer[]): readonly string[] {
  return piecesIn(...chunks).flatMap((piece) => (piece.kind === 'telegram' ? piece.raw.toString('latin1') : []));
}

function piecesIn(...chunks: readonly Buffer[]): readonly P1Piece[] {
  const framer = new P1Framer();
  return chunks.flatMap((chunk) => framer.push(chunk));
}

function parse(...lines: readonly string[]): unknown {
  return piecesIn(encodeTelegram('WIR5', lines, false)).map((piece) =>
    piece.kind === 'telegram' ? parseTelegram(piece) : piece,
  );
}

describe.each([
  ['with a checksum', CHECKED],
  ['without one', PLAIN],
])('a telegram %s', (_, telegram) => {
  const whole = telegram.toString('latin1');

  test('is understood at every split, doubled, and with noise around it', () => {
    const stream = Buffer.concat([
      Buffer.from('half*kWh)\r\n!\r\n'),
      telegram,
      Buffer.from('\u0000/'),
      telegram,
      telegram,
    ]);
    for (let split = 0; split <= stream.length; split += 1) {
      expect(telegramsIn(stream.subarray(0, split), stream.subarray(split))).toEqual([whole, whole, whole]);
    }
    expect(telegramsIn(...[...stream].map((byte) => Buffer.of(byte)))).toEqual([whole, whole, whole]);
  });

  test('gives nothing when it is cut off anywhere, and the next is whole', () => {
    for (let length = 0; length < telegram.length - 1; length += 1) {
      expect(telegramsIn(telegram.subarray(0, length)), `${length} bytes`).toEqual([]);
      expect(telegramsIn(Buffer.concat([telegram.subarray(0, length), telegram])), `${length} bytes`).toEqual([whole]);
    }
  });
});

test('of a telegram with a checksum in which any bit is turned nothing is believed, and the next is whole', () => {
  const whole = CHECKED.toString('latin1');
  for (let bit = 0; bit < (CHECKED.length - 2) * 8; bit += 1) {
    const spoilt = flipped(CHECKED, bit >> 3, bit & 7);
    const taken = piecesIn(Buffer.concat([spoilt, CHECKED])).flatMap((piece) =>
      piece.kind === 'telegram' && typeof parseTelegram(piece) !== 'string' ? piece.raw.toString('latin1') : [],
    );
    // In the four digits of the checksum a bit makes them small, which says the same.
    const same = taken.filter((text) => text.toUpperCase() === whole.toUpperCase());
    expect(taken.length, `bit ${bit}`).toBe(same.length);
    expect(same.length, `bit ${bit}`).toBeGreaterThanOrEqual(1);
  }
});

test('a telegram without a checksum is refused when a line is garbled, or when its version has one', () => {
  expect(parse('1-0:1.8.1(00001.0(01*kWh)')).toEqual([expect.stringContaining('garbled')]);
  expect(parse('1-0:1.8.1 00001.001*kWh)')).toEqual([expect.stringContaining('garbled')]);
  expect(parse('1-3:0.2.8(50)', '1-0:1.8.1(00001.001*kWh)')).toEqual([expect.stringContaining('checksum')]);
});

test('with a checksum, a line that is no data is left out alone', () => {
  const [piece] = piecesIn(p1Telegram({}, ['0-0:96.13.0 what?']));
  expect(piece?.kind === 'telegram' ? parseTelegram(piece) : undefined).toMatchObject({
    malformed: ['0-0:96.13.0 what?'],
  });
});

test('a telegram without an end is given up', () => {
  const endless = Buffer.concat([CHECKED.subarray(0, 60), Buffer.alloc(20_000, 0x41), CHECKED]);
  expect(telegramsIn(endless)).toHaveLength(1);
  expect(telegramsIn(CHECKED.subarray(0, 60), Buffer.alloc(20_000, 0x41), CHECKED)).toHaveLength(1);
});
