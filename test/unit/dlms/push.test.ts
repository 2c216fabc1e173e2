import { describe, expect, test } from 'vitest';
import type { Pushed } from '../../../src/collect/driver.ts';
import type { Data } from '../../../drivers/dlms/data.ts';
import { KeptCounters } from '../../../drivers/meter/kept-counters.ts';
import { MbusTelegrams } from '../../../drivers/dlms/mbus-telegrams.ts';
import { WrapperTelegrams } from '../../../drivers/dlms/telegrams.ts';
import { wrap } from '../../../drivers/dlms/wrapper.ts';
import {
  encrypted,
  importing,
  inFrames,
  inSegments,
  KEYS,
  name,
  scale,
  structure,
  telegram,
  unauthenticated,
  uint32,
} from '../../support/dlms-telegrams.ts';
import { memoryState } from '../../support/memory-state.ts';
import { byName, pushedLine } from '../../support/pushed-line.ts';

const valuesOf = (pushed: readonly Pushed[]) =>
  pushed.flatMap(({ readings }) => readings.map(({ point, value, reason }) => [point, value ?? reason]));

const secrets = (state = memoryState(), keys = KEYS) => ({
  keys,
  counters: new KeptCounters(state, { protocol: 'dlms', device: 'meter' }, keys.encryption, () => 0),
});

const heard = (body: Data, settings: object = {}) => {
  const line = pushedLine({ settings });
  return { ...byName(line.hear(...inFrames(telegram(body)))), oddities: line.oddities };
};

const described = (code: string, classId: number, attribute: number): Data =>
  structure(
    { type: 'uint16', value: classId },
    name(code),
    { type: 'int8', value: attribute },
    { type: 'uint16', value: 0 },
  );

const frame = (apdu: Buffer): Buffer => Buffer.concat(inFrames(apdu));
const plain = (wattHours: number): Buffer => telegram(importing(wattHours));

const hearing = (...chunks: readonly Buffer[]) =>
  valuesOf(pushedLine({ telegrams: new MbusTelegrams() }).hear(...chunks));

const IMPORT = 'active-energy-import';

describe('a list that a meter pushes', () => {
  test('may say name, value and scale one after the other, as in Austria', () => {
    const time: Data = { type: 'octets', bytes: Buffer.from('07ea0b1e01120000ff800080', 'hex') };
    const { readings, points } = heard(
      structure(
        name('0-0:1.0.0'),
        time,
        name('0-0:96.1.0'),
        { type: 'octets', bytes: Buffer.from('1234567890') },
        name('1-0:32.7.0'),
        { type: 'uint16', value: 2_301 },
        scale(-1, 35),
        name('1-0:1.8.0'),
        uint32(12_345_678),
        scale(0, 30),
      ),
      { zone: 'Europe/Vienna' },
    );
    expect(readings.get('voltage-l1')).toMatchObject({ value: 230.1, sourceTime: Date.UTC(2026, 10, 30, 16) });
    expect(readings.get(IMPORT)?.value).toBe(12_345.678);
    expect(readings.get('serial-number')?.value).toBe('1234567890');
    expect(points.get(IMPORT)).toMatchObject({ unit: 'kW.h', obis: '1-0:1.8.0', kind: 'counter' });
  });

  test('may begin with what its values are, as the push setup has it', () => {
    const objects: Data = {
      type: 'array',
      items: [described('0-8:25.9.0', 40, 2), described('1-0:1.7.0', 3, 2), described('1-0:1.7.0', 3, 3)],
    };
    const { readings } = heard(structure(objects, uint32(421), scale(1, 27)));
    expect([...readings.values()].map(({ point, value }) => [point, value])).toEqual([['active-power-import', 4_210]]);
  });

  test('needs the codes of its values where it has no names', () => {
    const body = structure(uint32(5), uint32(17), uint32(9));
    expect(heard(body).oddities).toEqual([['malformed-frame', expect.stringContaining('none of its 3 values')]]);
    const { readings } = heard(body, { list: ['1-0:1.7.0', '-', '1-0:2.7.0'] });
    expect([...readings.values()].map(({ value }) => value)).toEqual([5, 9]);
  });

  test('whose order is not the configured one is not believed', () => {
    expect(heard(structure(uint32(5), uint32(17)), { list: ['1-0:1.7.0'] }).readings.size).toBe(0);
  });

  test('is put together from frames, and given up where one of them is missing', () => {
    const frames = inFrames(telegram(structure(name('1-0:1.8.0'), uint32(7), scale(3, 30))), 8);
    expect(frames.length).toBeGreaterThan(3);
    expect(valuesOf(pushedLine().hear(...frames))).toContainEqual([IMPORT, 7]);
    for (const index of frames.keys()) {
      expect(valuesOf(pushedLine().hear(...frames.filter((_, at) => at !== index)))).toEqual([]);
    }
  });

  test('comes in segments of M-Bus, and is given up where one of them is missing', () => {
    const segments = inSegments(telegram(importing(7_000)), 10);
    expect(segments.length).toBeGreaterThan(2);
    expect(hearing(...segments)).toEqual([[IMPORT, 7]]);
    expect(hearing(...Array.from(Buffer.concat(segments), (byte) => Buffer.of(byte)))).toEqual([[IMPORT, 7]]);
    expect(hearing(Buffer.from('6868ff', 'hex'), ...segments, ...segments)).toEqual([
      [IMPORT, 7],
      [IMPORT, 7],
    ]);
    for (const index of segments.keys()) {
      expect(hearing(...segments.filter((_, at) => at !== index))).toEqual([]);
      expect(hearing(...segments.toSpliced(index, 1), ...segments)).toEqual([[IMPORT, 7]]);
    }
  });

  test('comes through the wrapper as well', () => {
    const line = pushedLine({ telegrams: new WrapperTelegrams() });
    const packet = wrap({ source: 1, destination: 16, apdu: telegram(importing(1_000)) });
    expect(valuesOf(line.hear(packet.subarray(0, 5), packet.subarray(5), packet))).toEqual([
      [IMPORT, 1],
      [IMPORT, 1],
    ]);
  });

  test('gives only the points that are configured, in their units', () => {
    const points = [
      { obis: '1-0:1.8.0', unit: 'W.h' },
      { obis: '1-0:1.8.0', unit: 'MW.h' },
      { obis: '1-0:1.8.0', unit: 'V' },
    ];
    const line = pushedLine({ points: points.slice(0, 1) });
    expect(valuesOf(line.hear(...inFrames(telegram(importing(1_234)))))).toEqual([[1, 1_234]]);
    const mega = pushedLine({ points: points.slice(1, 2) });
    expect(valuesOf(mega.hear(...inFrames(telegram(importing(1_234)))))).toEqual([[1, 0.001_234]]);
    const volts = pushedLine({ points: points.slice(2) });
    expect(valuesOf(volts.hear(...inFrames(telegram(importing(1_234)))))).toEqual([[1, 'type-mismatch']]);
  });

  test('whose clock is doubtful has uncertain values', () => {
    const time = Buffer.from('07ea0b1e01120000ffffc402', 'hex');
    const { readings } = byName(pushedLine().hear(...inFrames(telegram(importing(1_000), time))));
    expect(readings.get(IMPORT)).toMatchObject({
      quality: 'uncertain',
      reason: 'time',
      sourceTime: Date.UTC(2026, 10, 30, 17),
    });
  });
});

describe('a telegram that is encrypted', () => {
  test('is opened with the keys of its meter', () => {
    const line = pushedLine({ secrets: secrets() });
    expect(valuesOf(line.hear(frame(encrypted(plain(1_000), 1)), frame(encrypted(plain(2_000), 2))))).toEqual([
      [IMPORT, 1],
      [IMPORT, 2],
    ]);
    expect(line.oddities).toEqual([]);
  });

  test('names its meter where there are no keys', () => {
    const line = pushedLine();
    expect(line.hear(frame(encrypted(plain(1_000), 1)))).toEqual([]);
    expect(line.oddities).toEqual([['malformed-frame', expect.stringContaining('keys of meter 5749520000000001')]]);
  });

  test.each([
    ['encryption', { ...KEYS, encryption: Buffer.alloc(16, 1) }],
    ['authentication', { ...KEYS, authentication: Buffer.alloc(16, 1) }],
  ])('is refused with another %s key', (_, keys) => {
    const line = pushedLine({ secrets: secrets(memoryState(), keys) });
    expect(line.hear(frame(encrypted(plain(1_000), 1)))).toEqual([]);
    expect(line.oddities).toEqual([['malformed-frame', expect.stringContaining('authentication tag is wrong')]]);
  });

  test('is refused with any one of its bits turned', () => {
    const apdu = encrypted(plain(1_000), 1);
    for (let bit = 0; bit < apdu.length * 8; bit++) {
      const turned = Buffer.from(apdu);
      turned.writeUInt8(turned.readUInt8(bit >>> 3) ^ (1 << (bit & 7)), bit >>> 3);
      expect(pushedLine({ secrets: secrets() }).hear(frame(turned)), `bit ${bit}`).toEqual([]);
    }
  });

  test('is refused where it was recorded and is sent again, also after a restart', async () => {
    const state = memoryState();
    const line = pushedLine({ secrets: secrets(state) });
    const [first, second] = [1, 2].map((counter) => frame(encrypted(plain(1_000), counter)));
    if (first === undefined || second === undefined) throw new TypeError('two telegrams');
    expect(line.hear(first, first, second, first).length).toBe(2);
    expect(line.oddities.length).toBe(2);
    const restarted = pushedLine({ secrets: secrets(state) });
    expect(restarted.hear(first)).toEqual([]);
    expect(restarted.oddities).toEqual([['malformed-frame', expect.stringContaining('was there before')]]);
  });

  test('without a tag is taken only where the configuration says so', () => {
    const apdu = unauthenticated(plain(1_000), 1);
    const careful = pushedLine({ secrets: secrets() });
    expect(careful.hear(frame(apdu))).toEqual([]);
    expect(careful.oddities).toEqual([['malformed-frame', expect.stringContaining('`verify: false`')]]);
    const careless = pushedLine({ secrets: secrets(), settings: { verify: false } });
    const { readings } = byName(careless.hear(frame(apdu)));
    expect(readings.get(IMPORT)).toMatchObject({ value: 1, quality: 'good', reason: 'unverified' });
  });

  test('from another meter is left to that one', () => {
    const line = pushedLine({ secrets: secrets(), settings: { meter: '5749520000000002' } });
    expect(line.hear(frame(encrypted(plain(1_000), 1)))).toEqual([]);
    expect(line.oddities).toEqual([['malformed-frame', expect.stringContaining('instead of 5749520000000002')]]);
  });

  test('is expected where there are keys: plain ones are refused', () => {
    const line = pushedLine({ secrets: secrets() });
    expect(line.hear(frame(plain(1_000)))).toEqual([]);
    expect(line.oddities).toEqual([['malformed-frame', expect.stringContaining('not encrypted')]]);
  });
});
