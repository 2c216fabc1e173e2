import { describe, expect, test } from 'vitest';
import { pointOf, readingOf, shipped } from './shipped-profile.ts';

/** Register, as the profile's document counts or the wire sends it, and what its content means there. */
type Row = readonly [point: string, address: number, registers: string, value: number | string];

function expectRow(profile: string, [name, address, registers, value]: Row): void {
  const point = pointOf(profile, name);
  expect(point.field.address).toBe(address);
  expect(readingOf(point, registers)).toMatchObject({ quality: 'good', value });
}

describe('an Eastron SDM630 is decoded exactly', () => {
  test.each<Row>([
    ['voltage-l1', 0, '4366199a', Math.fround(230.1)],
    ['voltage-l2', 2, '43674000', 231.25],
    ['voltage-l3', 4, '4365e000', 229.875],
    ['current-l1', 6, '408a45a2', Math.fround(4.321)],
    ['active-power-l1', 12, 'c478a000', -994.5],
    ['active-power', 52, 'c49a5000', -1234.5],
    ['power-factor', 62, 'bf5eb852', Math.fround(-0.87)],
    ['frequency', 70, '4247eb85', Math.fround(49.98)],
    ['active-energy-import', 72, '4640e6b6', 12345.677734375],
    ['active-energy-export', 74, '3a83126f', Math.fround(0.001)],
  ])('%s', (...row) => expectRow('eastron/sdm630', row));
});

describe('a Carlo Gavazzi EM24 is decoded exactly', () => {
  test.each<Row>([
    ['voltage-l1', 0, '08fd0000', 230.1],
    ['current-l1', 12, 'ef1fffff', -4.321],
    ['active-power', 40, '1dc0fffe', -12345.6],
    ['power-factor-l1', 50, 'fc9a', -0.87],
    ['frequency', 55, '01f4', 50],
    ['active-energy-import', 62, 'cd15075b', 12345678.9],
    ['active-energy-import-partial', 66, 'cd15075b', 12345678.9],
    ['active-energy-export', 92, '00000001', 6553.6],
    ['operating-time', 96, '00640000', 3600],
    ['serial-number', 0x1300, '4242303530303031303031324100', 'BB0500010012A'],
  ])('%s', (...row) => expectRow('carlo-gavazzi/em24', row));
});

describe("the energies by phase of an ABB B23 are those of its manual's example", () => {
  test.each<Row>([
    ['active-energy-import-l1', 0x5460, '0000000000031292', 2013.62],
    ['active-energy-import-l2', 0x5464, '00000000000498e1', 3012.81],
    ['active-energy-import-l3', 0x5468, '0000000000056655', 3538.77],
    ['active-energy-export-l1', 0x546c, '000000000000923a', 374.34],
    ['active-energy-export-l2', 0x5470, '0000000000011c9b', 728.59],
    ['active-energy-export-l3', 0x5474, '0000000000016333', 909.31],
    ['active-energy-net-l1', 0x5478, '0000000000028058', 1639.28],
    ['active-energy-net-l2', 0x547c, '0000000000037c45', 2284.21],
    ['active-energy-net-l3', 0x5480, '0000000000040321', 2629.45],
    ['reactive-energy-import-l1', 0x5484, '0000000000006b11', 274.09],
    ['reactive-energy-import-l3', 0x548c, '000000000004674e', 2885.9],
    ['reactive-energy-export-l2', 0x5494, '00000000000188a1', 1005.13],
  ])('%s', (...row) => expectRow('abb/b23', row));
});

// The registers of a device in the field, published together with the temperature and the quality that it showed.
describe('a published recording of a TUF-2000M is decoded to what it showed', () => {
  test.each<Row>([
    ['flow-temperature', 32, '3cd040e3', 7.101173400878906],
    ['signal-quality', 91, '0326', 38],
  ])('%s', (...row) => expectRow('hipeak/tuf-2000m', row));
});

describe('what is not sent in our unit is brought to it', () => {
  test.each<readonly [string, ...Row]>([
    ['schneider/iem3155', 'active-power', 3059, '3fc00000', 1500],
    ['schneider/iem3155', 'active-energy-import', 3203, '0000000000bc614e', 12345.678],
    ['schneider/iem3155', 'overload', 45_004, '0100', 1],
    ['janitza/umg96rm', 'active-energy-import', 19_068, '49742400', 1000],
    ['siemens/pac2200', 'active-energy-import-t1', 801, '412e848000000000', 1000],
    ['siemens/mag6000', 'water-flow', 3002, '3c000000', 28.125],
    ['siemens/mag6000', 'water-volume', 3014, '40c81cd6e631f8a1', 12345.6789],
    ['hipeak/tuf-2000m', 'heat-power', 2, '00004110', 2_500_000],
    ['lufft/ws600', 'air-temperature', 31, 'ff85', -12.3],
    ['lufft/ws600', 'rain', 48, '8000', 327.68],
  ])('%s: %s', (profile, ...row) => expectRow(profile, row));
});

describe('what a device marks as not available is no value', () => {
  test.each([
    ['abb/b23', 'voltage-l2', 'ffffffff'],
    ['abb/b23', 'active-power', '7fffffff'],
    ['abb/b23', 'power-factor-l1', '7fff'],
    ['abb/b23', 'apparent-power', 'ffffffff'],
    ['abb/b23', 'active-energy-import', 'ffffffffffffffff'],
    ['abb/b23', 'active-energy-net', '7fffffffffffffff'],
    ['carlo-gavazzi/em24', 'voltage-l1', 'ffff7fff'],
    ['schneider/iem3155', 'active-energy-import', '8000000000000000'],
    ['lufft/ws600', 'air-temperature', '7fff'],
    ['lufft/ws600', 'relative-humidity', 'ffff'],
    ['lufft/ws600', 'precipitation-type', 'ffff'],
  ])('%s: %s', (profile, name, registers) => {
    expect(readingOf(pointOf(profile, name), registers)).toMatchObject({ quality: 'bad', reason: 'not-available' });
  });

  test('and neither is a float that is not a number', () => {
    for (const { profile } of shipped.filter(({ points }) => points.some(({ name }) => name === 'voltage-l1'))) {
      const voltage = pointOf(profile.name, 'voltage-l1');
      if (voltage.field.type.name !== 'float32') continue;
      expect(readingOf(voltage, 'ffc00000')).toMatchObject({ quality: 'bad', reason: 'not-a-number' });
    }
  });
});
