import { describe, expect, test } from 'vitest';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { connectionSchema } from '../../../drivers/modbus/connection-schema.ts';
import { locate, planReads, printBlock } from '../../../drivers/modbus/plan.ts';
import type { Lesson } from '../../../drivers/modbus/plan.ts';
import { modbusDevice } from '../../support/modbus-session.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

/** Points written `h100 float32` (h, i, c, d for the tables), and what is asked for them. */
function requests(
  points: readonly string[],
  settings: object = {},
  lessons: readonly Lesson[] = [],
): readonly string[] {
  const tables = { h: 'holding', i: 'input', c: 'coil', d: 'discrete' };
  const device = modbusDevice(
    points.map((text) => {
      const [place = '', type = /^[hi]/.test(place) ? 'uint16' : 'bool'] = text.split(' ');
      const table = Object.entries(tables).find(([letter]) => place.startsWith(letter))?.[1];
      return { read: `${table} ${place.slice(1)}`, type };
    }),
    settings,
  );
  const fields = device.points.map((point) => locate(point, device.settings));
  return planReads(fields, device.settings, lessons).map(printBlock);
}

describe('reads are planned', () => {
  test.each<[string, readonly string[], object, readonly string[]]>([
    ['no points, no requests', [], {}, []],
    ['one point', ['h100'], {}, ['holding 100 (1 register, 1 point)']],
    ['neighbours in any sequence', ['h102', 'h100 int32'], {}, ['holding 100..102 (3 registers, 2 points)']],
    ['over a gap of maxGap', ['h0', 'h17'], {}, ['holding 0..17 (18 registers, 2 points)']],
    [
      'not over a wider gap',
      ['h0', 'h18'],
      {},
      ['holding 0 (1 register, 1 point)', 'holding 18 (1 register, 1 point)'],
    ],
    [
      'no gap at all with maxGap 0',
      ['h0', 'h2'],
      { maxGap: 0 },
      ['holding 0 (1 register, 1 point)', 'holding 2 (1 register, 1 point)'],
    ],
    ['neighbours with maxGap 0', ['h0', 'h1'], { maxGap: 0 }, ['holding 0..1 (2 registers, 2 points)']],
    [
      'cut at maxWords',
      ['h0 int32', 'h2 int32', 'h4 int32'],
      { maxWords: 5 },
      ['holding 0..3 (4 registers, 2 points)', 'holding 4..5 (2 registers, 1 point)'],
    ],
    [
      'a point is never split',
      ['h0 string(8)', 'h4 int64'],
      { maxWords: 7 },
      ['holding 0..3 (4 registers, 1 point)', 'holding 4..7 (4 registers, 1 point)'],
    ],
    [
      'tables are never mixed',
      ['h1', 'i2', 'c3', 'd4'],
      {},
      [
        'coil 3 (1 bit, 1 point)',
        'discrete 4 (1 bit, 1 point)',
        'input 2 (1 register, 1 point)',
        'holding 1 (1 register, 1 point)',
      ],
    ],
    [
      'overlapping points share',
      ['h10 int32', 'h11', 'h10 bits(0..3)'],
      {},
      ['holding 10..11 (2 registers, 3 points)'],
    ],
    ['a long point hides a short one', ['h0 string(40)', 'h2', 'h30'], {}, ['holding 0..30 (31 registers, 3 points)']],
    ['sixteen coils count as a register', ['c0', 'c257'], {}, ['coil 0..257 (258 bits, 2 points)']],
    ['coils beyond the gap', ['c0', 'c258'], {}, ['coil 0 (1 bit, 1 point)', 'coil 258 (1 bit, 1 point)']],
    ['base 1 is one lower on the wire', ['h1', 'h2'], { base: 1 }, ['holding 0..1 (2 registers, 2 points)']],
  ])('%s', (_, points, settings, expected) => expect(requests(points, settings)).toEqual(expected));

  test('never across a wall that a refusal taught', () => {
    const walls: readonly Lesson[] = [{ kind: 'wall', table: 'holding', address: 4 }];
    expect(requests(['h0', 'h2', 'h4', 'h6', 'i0', 'i6'], {}, walls)).toEqual([
      'input 0..6 (7 registers, 2 points)',
      'holding 0..2 (3 registers, 2 points)',
      'holding 4..6 (3 registers, 2 points)',
    ]);
  });

  test('up to 2000 coils at once', () => {
    const coils = Array.from({ length: 2_001 }, (_, address) => `c${address}`);
    expect(requests(coils)).toEqual(['coil 0..1999 (2000 bits, 2000 points)', 'coil 2000 (1 bit, 1 point)']);
  });

  test('any set of points: each is whole in one request, and no request is longer than allowed', () => {
    const random = randomNumbers(1);
    const types = ['uint16', 'int32', 'float64', 'string(30)'];
    for (let round = 0; round < 200; round++) {
      const maxWords = 15 + random.below(111);
      const maxGap = random.below(30);
      const device = modbusDevice(
        Array.from({ length: 1 + random.below(60) }, () => ({
          read: `holding ${random.below(400)}`,
          type: types[random.below(types.length)],
        })),
        { maxWords, maxGap },
      );
      const fields = device.points.map((point) => locate(point, device.settings));
      const blocks = planReads(fields, device.settings);
      expect(blocks.flatMap((block) => block.fields).length).toBe(fields.length);
      for (const { address, size, fields: held } of blocks) {
        expect(size).toBeLessThanOrEqual(maxWords);
        for (const field of held) {
          expect(field.address).toBeGreaterThanOrEqual(address);
          expect(field.address + field.size).toBeLessThanOrEqual(address + size);
        }
      }
    }
  });
});

describe('a point that its device cannot have is a fault of the configuration', () => {
  test.each([
    [{ read: 'holding 0', type: 'int16' }, { base: 1 }, 'meter/holding-0: with base 1 there is no holding 0'],
    [
      { read: 'input 5', type: 'string(20)' },
      { maxWords: 8 },
      "meter/input-5: needs 10 registers in one answer, but the device's maxWords is 8",
    ],
  ])('%j of %j', (point, settings, message) => {
    const device = modbusDevice([point], settings);
    const connection = connectionSchema.parse({ host: 'a' });
    expect(() => modbus.plan?.(connection, device, device.points)).toThrow(
      expect.objectContaining({ code: 'configuration-invalid', message }),
    );
  });
});

test('the plan is known before the first request: what is asked, and how long it takes', () => {
  const device = modbusDevice([
    { read: 'holding 0', type: 'int16' },
    { read: 'input 0', type: 'int16' },
  ]);
  const connection = connectionSchema.parse({ host: 'a', pause: '20ms' });
  expect(modbus.plan?.(connection, device, device.points)).toEqual({
    requests: ['input 0 (1 register, 1 point)', 'holding 0 (1 register, 1 point)'],
    busTime: 50,
  });
});
