import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { Framer, type Piece } from '../../../drivers/mbus/frame.ts';
import { manufacturerLetters } from '../../../drivers/mbus/secondary-address.ts';
import type { DataRecord } from '../../../drivers/mbus/records.ts';
import { readTelegram, type Telegram, type Understood } from '../../../drivers/mbus/telegram.ts';
import { brokenMbusFrames, mbusCaptures, type ExpectedRecord, type MbusCapture } from '../../support/mbus-captures.ts';
import { describeWith } from '../../support/peers.ts';

/** What arrives in these chunks, and then no more. */
function heard(chunks: readonly Buffer[]): readonly Piece[] {
  const framer = new Framer();
  return [...chunks.flatMap((chunk) => [...framer.push(chunk)]), ...framer.drop()];
}

function telegramsIn(chunks: readonly Buffer[]): readonly Understood[] {
  return heard(chunks).flatMap((piece) =>
    piece.kind === 'frame' && piece.frame.kind === 'long' ? [readTelegram(piece.frame)] : [],
  );
}

function understood({ bytes }: Pick<MbusCapture, 'bytes'>): Telegram {
  const [read] = telegramsIn([bytes]);
  if (read?.kind !== 'data') throw new Error(`not understood: ${JSON.stringify(read)}`);
  return read;
}

/** How much of the base unit of the expectations our unit is. */
const BASE: Readonly<Record<string, number>> = { 'kW.h': 1e3, GJ: 1e9 };

/** How the expectations of the fixed structure call litres, and litres of an earlier day. */
const LITRES = ['l', 'reserved but historic'];

const FUNCTIONS: Readonly<Record<string, string>> = {
  'Instantaneous value': 'instantaneous',
  'Actual value': 'instantaneous',
  'Maximum value': 'maximum',
  'Minimum value': 'minimum',
  'Value during error state': 'error',
};

// Where the other decoders read what is not there: each with the reason why we do not.
const DISSENT: readonly (readonly [capture: string, record: number, why: string])[] = [
  ['ELS_Elster-F96-Plus', 4, 'DDDDDDDD is no decimal number: the meter has none'],
  ['ELS_Elster-F96-Plus', 5, 'DDDDDD is no decimal number: the meter has none'],
  ['landis+gyr_ultraheat_t230', 21, 'the extension 6F makes a date of it: when the last maximum ended'],
  ['landis+gyr_ultraheat_t230', 22, 'the extension 6F makes a date of it: when the last maximum ended'],
  ['landis+gyr_ultraheat_t230', 32, 'the year 127 means every year'],
  ['siemens_water', 3, 'month 0 of the year 0 is no date'],
];

function agrees(record: DataRecord, expected: ExpectedRecord): boolean {
  const { place, value } = record;
  return (
    place.function === FUNCTIONS[expected.function] &&
    (expected.storage === null || place.storage === expected.storage) &&
    place.tariff === expected.tariff &&
    place.subunit === expected.device &&
    isValue(record, value, expected)
  );
}

function isValue({ unit = '' }: DataRecord, value: DataRecord['value'], expected: ExpectedRecord): boolean {
  if (expected.kind === 'time') return value === String(expected.value).replace('Z', '');
  if (expected.kind === 'text') return value === expected.value;
  const wanted = Number(expected.value) * (LITRES.includes(expected.unit) ? 1e-3 : 1);
  // The expectations have six places behind the point.
  return Math.abs(Number(value) * (BASE[unit] ?? 1) - wanted) <= Math.max(1e-5 * Math.abs(wanted), 5e-7);
}

/** Those that both decoders of the expectations read as values. */
function valued({ records }: MbusCapture): readonly ExpectedRecord[] {
  return records.filter(({ function: which, kind }) => kind !== 'none' && FUNCTIONS[which] !== undefined);
}

const HEAD = 4; // bytes before what the checksum covers
const TAIL = 2;
const HEADERS = 19; // up to the first record

function flippedAt(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return flipped;
}

describeWith('fixtures', 'captures of real meters', () => {
  const captures = mbusCaptures();
  const broken = brokenMbusFrames();

  test.each(captures)('$name: every record is as expected', (capture) => {
    const { header, records } = understood(capture);
    const expected = valued(capture);
    const dissent = DISSENT.filter(([name]) => name === capture.name).map(([, index]) => index);
    const wrong = expected.flatMap((each, index) => {
      const record = records[index];
      return record !== undefined && agrees(record, each) ? [] : [{ index, each, record }];
    });
    expect(wrong.filter(({ index }) => !dissent.includes(index))).toEqual([]);
    expect(
      wrong.map(({ index }) => index),
      'and what we read otherwise is just that',
    ).toEqual(dissent);
    const { id, manufacturer, version, accessNumber } = capture.slave;
    expect(Number(header.id)).toBe(Number(id));
    expect(header.access).toBe(accessNumber);
    if (header.identification === undefined) return;
    expect(manufacturerLetters(header.identification.manufacturer)).toBe(manufacturer);
    expect(header.identification.version).toBe(version);
  });

  test('what the manufacturers add is kept byte by byte, and that more follows is told', () => {
    for (const capture of captures) {
      const { manufacturerData, moreFollows } = understood(capture);
      const own = capture.records.find(({ kind, function: which }) => kind === 'raw' && !(which in FUNCTIONS));
      if (own !== undefined)
        expect(manufacturerData?.toString('hex')).toBe(String(own.value).replaceAll(' ', '').toLowerCase());
      expect(moreFollows).toBe(capture.records.some(({ function: which }) => which.startsWith('More')));
    }
  });

  test.each(broken)(
    '$name: the defective frame is refused, and the sound ones around it are kept',
    ({ name, bytes }) => {
      const [sound] = captures;
      if (sound === undefined) throw new Error('there are captures');
      // One telegram that looks odd is none of the defective: it is all the manufacturer's.
      const isSound = name === 'svm_f22_telegram2';
      expect(telegramsIn([bytes]).filter(({ kind }) => kind === 'data').length).toBe(isSound ? 1 : 0);
      const around = telegramsIn([Buffer.concat([sound.bytes, bytes, sound.bytes])]);
      const kept = around.filter((read) => read.kind === 'data' && read.records.length > 0);
      expect(kept).toEqual([understood(sound), understood(sound)]);
    },
  );

  test.each(captures)('$name: at every split into two chunks, doubled, with noise around it', (capture) => {
    const { bytes } = capture;
    const told = understood(capture);
    const places = Array.from({ length: bytes.length + 1 }, (_, at) => at);
    const isTold = (at: number): boolean =>
      isDeepStrictEqual(telegramsIn([bytes.subarray(0, at), bytes.subarray(at)]), [told]);
    expect(places.filter((at) => !isTold(at))).toEqual([]);
    expect(telegramsIn([Buffer.concat([bytes, bytes])])).toEqual([told, told]);
    for (const noise of ['00', 'ff00ff', '68', '6868', '1016', 'e5e5', '68030368', '10400040']) {
      const disturbance = Buffer.from(noise, 'hex');
      const all = Buffer.concat([disturbance, bytes, disturbance, bytes, disturbance]);
      expect(telegramsIn([all]), noise).toEqual([told, told]);
    }
  });

  test.each(captures)('$name: truncated at every byte it tells nothing, and what follows is heard', (capture) => {
    const { bytes } = capture;
    const told = understood(capture);
    const lengths = Array.from({ length: bytes.length }, (_, length) => length);
    expect(lengths.filter((length) => telegramsIn([bytes.subarray(0, length)]).length > 0)).toEqual([]);
    const isTold = (length: number): boolean =>
      isDeepStrictEqual(telegramsIn([bytes.subarray(0, length), bytes]), [told]);
    expect(lengths.filter((length) => !isTold(length))).toEqual([]);
  });

  test.each(captures)('$name: with any single bit of the frame flipped it tells nothing', ({ bytes }) => {
    const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit);
    expect(bits.filter((bit) => telegramsIn([flippedAt(bytes, bit)]).length > 0)).toEqual([]);
  });

  test.each(captures)('$name: a bit of the header flipped behind a right checksum never throws', ({ bytes }) => {
    for (let bit = HEAD * 8; bit < Math.min(HEADERS, bytes.length - TAIL) * 8; bit++) {
      const flipped = flippedAt(bytes, bit);
      const body = flipped.subarray(HEAD, -TAIL);
      flipped.writeUInt8(body.reduce((sum, byte) => sum + byte, 0) & 0xff, flipped.length - TAIL);
      for (const read of telegramsIn([flipped])) if (read.kind !== 'data') expect(read.why).not.toBe('');
    }
  });
});
