import { describe, expect, test } from 'vitest';
import { CipherFramer, encrypt } from '../../../drivers/p1/cipher.ts';
import { P1Ear } from '../../../drivers/p1/session.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { p1Telegram } from '../../support/p1-telegrams.ts';
import { flipped } from '../../support/sml-telegrams.ts';

const KEYS = {
  key: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  authenticationKey: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  verify: true,
};
const TITLE = Buffer.from('WIR\u0001\u0002\u0003\u0004\u0005', 'latin1');
const TEXT = Buffer.from('/WIR5\r\n\r\n1-0:1.8.0(1*kWh)\r\n!\r\n');

const sent = (counter: number, text = TEXT): Buffer => encrypt(text, TITLE, counter, KEYS);

function opened(keys: typeof KEYS, ...chunks: readonly Buffer[]): readonly string[] {
  let last = -1;
  const framer = new CipherFramer(keys, (_meter, counter) => counter > last && (last = counter) === counter);
  return chunks
    .flatMap((chunk) => framer.push(chunk))
    .map((piece) => (piece.kind === 'opened' ? piece.text.toString() : piece.kind === 'refused' ? piece.why : 'noise'));
}

describe('an encrypted telegram', () => {
  test('is opened at every split, with noise around it', () => {
    const stream = Buffer.concat([Buffer.from('db00', 'hex'), sent(1), Buffer.from('00db', 'hex'), sent(2)]);
    for (let split = 0; split <= stream.length; split += 1) {
      const texts = opened(KEYS, stream.subarray(0, split), stream.subarray(split)).filter((text) => text !== 'noise');
      expect(texts).toEqual([TEXT.toString(), TEXT.toString()]);
    }
  });

  test('in which any bit is turned is not believed, and the next one is unless its length was', () => {
    const [frame, next] = [sent(1), sent(2)];
    const lengthBytes = [11, 12];
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const texts = opened(KEYS, flipped(frame, bit >> 3, bit & 7), next);
      const believed = texts.filter((text) => text !== 'noise' && !text.startsWith('it'));
      if (!lengthBytes.includes(bit >> 3)) expect(believed, `bit ${bit}`).toEqual([TEXT.toString()]);
      for (const text of believed) expect(text).toBe(TEXT.toString());
    }
  });

  test('counts once: one that is heard again, or older, is refused', () => {
    expect(opened(KEYS, sent(7), sent(7), sent(6), sent(8))).toEqual([
      TEXT.toString(),
      expect.stringContaining('its counter 7 is above none that came before'),
      expect.stringContaining('its counter 6 is above none that came before'),
      TEXT.toString(),
    ]);
  });

  test('of another key is refused, and says what may be wrong', () => {
    const wrong = { ...KEYS, key: Buffer.alloc(16) };
    expect(opened(wrong, sent(1))[0]).toContain('the key is not that of this meter');
  });

  test('whose tag is wrong is opened all the same where that is asked for', () => {
    const frame = sent(1);
    const untagged = flipped(frame, frame.length - 1);
    expect(opened({ ...KEYS, verify: false }, untagged)).toEqual([TEXT.toString()]);
    expect(opened(KEYS, untagged)[0]).toContain('does not verify');
  });

  test.each([
    [true, undefined],
    [false, 'unverified'],
  ])('with `verify: %s` has readings with the reason %s', (verify, reason) => {
    const context = {
      clock: new FakeClock(),
      connection: 'port',
      observe: () => undefined,
      answered: () => undefined,
      tap: { listener: undefined },
    };
    const device = { id: 'meter', settings: { timezone: 'Europe/Amsterdam' }, points: [] };
    const ear = new P1Ear(device, { ...KEYS, verify }, context);
    const readings = ear.hear(encrypt(p1Telegram(), TITLE, 1, KEYS)).flatMap((pushed) => pushed.readings);
    expect(readings.map(({ quality }) => quality)).toContain('good');
    for (const reading of readings) expect(reading.reason).toBe(reason);
  });
});
