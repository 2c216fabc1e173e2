import { describe, expect, test } from 'vitest';
import { pointOf, readingOf } from './shipped-profile.ts';

/** Point, its address as the wire sends it, what the meter answers there, and what that is; '' where it has no unit. */
type Row = readonly [point: string, address: number, registers: string, value: number | string, unit: string];

/** One meter of each family in full, and of its relatives what they do otherwise. */
const meters: Readonly<Record<string, readonly Row[]>> = {
  'abb/b21': [
    ['voltage-l1', 0x5b00, '000008fe', 230.2, 'V'],
    ['current-l1', 0x5b0c, '000001b0', 4.32, 'A'],
    ['active-power', 0x5b14, 'fffffa24', -15, 'W'],
    ['frequency', 0x5b2c, '1386', 49.98, 'Hz'],
    ['active-energy-import', 0x5000, '0000000000031292', 2013.62, 'kW.h'],
    ['active-energy-import-t4', 0x517c, '000000000000923a', 374.34, 'kW.h'],
    ['model', 0x8960, '423231203131322d31303020', 'B21 112-100', ''],
  ],
  'bg-etech/ds100': [
    ['voltage-l1', 0x400, '0003836a', 230.25, 'V'],
    ['current-l1', 0x410, 'ffffef1f', -4.321, 'A'],
    ['active-power', 0x420, 'fffffa24', -1500, 'W'],
    ['frequency', 0x435, '01f3', 49.9, 'Hz'],
    ['power-factor', 0x439, 'fc9a', -0.87, ''],
    ['active-energy-import', 0x10e, '00bc614e', 123456.78, 'kW.h'],
    ['active-energy-export-l3', 0x5dc, '00000001', 0.01, 'kW.h'],
  ],
  'carlo-gavazzi/em112': [
    ['voltage-l1', 0x00, '08fd0000', 230.1, 'V'],
    ['current-l1', 0x02, 'ef1fffff', -4.321, 'A'],
    ['active-power', 0x04, 'ffccffff', -5.2, 'W'],
    ['power-factor', 0x0e, 'fc9a', -0.87, ''],
    ['frequency', 0x0f, '01f4', 50, 'Hz'],
    ['active-energy-import', 0x10, 'cd15075b', 12345678.9, 'kW.h'],
    ['active-energy-export', 0x20, '00010000', 0.1, 'kW.h'],
  ],
  'carlo-gavazzi/em24-e1': [
    ['active-power', 0x28, 'fa24ffff', -150, 'W'],
    ['frequency', 0x33, '01f4', 50, 'Hz'],
    ['active-energy-import', 0x34, '614e00bc', 1234567.8, 'kW.h'],
  ],
  'carlo-gavazzi/em330': [['current-l1', 0x0c, '10e10000', 4.321, 'A']],
  'carlo-gavazzi/em340': [
    ['active-power', 0x28, 'fa24ffff', -150, 'W'],
    ['active-energy-import', 0x34, '614e00bc', 1234567.8, 'kW.h'],
  ],
  'carlo-gavazzi/em540': [
    ['active-energy-import', 0x34, '614e00bc', 1234567.8, 'kW.h'],
    ['operating-time', 0x5a, '00640000', 3600, 's'],
  ],
  'carlo-gavazzi/et340': [['active-energy-export', 0x4e, '614e00bc', 1234567.8, 'kW.h']],
  // The voltage is the example of the manual.
  'chint/ddsu666': [
    ['voltage-l1', 0x2000, '43663334', 230.20001220703125, 'V'],
    ['active-power', 0x2004, 'c0200000', -2500, 'W'],
    ['active-energy-import', 0x4000, '4640e600', 12345.5, 'kW.h'],
  ],
  'chint/dtsu666': [
    ['voltage-l1', 0x2006, '450fd000', 230.1, 'V'],
    ['current-l1', 0x200c, '45870800', 4.321, 'A'],
    ['active-power', 0x2012, 'c640e400', -1234.5, 'W'],
    ['power-factor', 0x202a, '4478c000', 0.995, ''],
    ['frequency', 0x2044, '459c3000', 49.98, 'Hz'],
    ['active-energy-import', 0x101e, '4640e600', 12345.5, 'kW.h'],
    ['active-energy-export-l3', 0x102e, '3e800000', 0.25, 'kW.h'],
  ],
  'dzg/dvh4013': [
    ['voltage-l1', 4, '000059d8', 230, 'V'],
    ['current-l1', 10, '000010e1', 4.321, 'A'],
    ['active-power-import', 0, '00003a98', 1500, 'W'],
    ['active-power-export', 2, '00000001', 0.1, 'W'],
    ['frequency', 18, '0000c33c', 49.98, 'Hz'],
    ['active-energy-import', 0x4000, '00bc614e', 12345.678, 'kW.h'],
    ['active-energy-export-l3', 0x4160, '075bcd15', 123456.789, 'kW.h'],
  ],
  // The voltage is the example of the document.
  'eastron/sdm120': [
    ['voltage-l1', 0, '43620000', 226, 'V'],
    ['active-energy-import', 72, '4640e600', 12345.5, 'kW.h'],
    ['serial-number', 0xfc00, '075bcd15', 123_456_789, ''],
  ],
  'eastron/sdm220': [['active-energy-sum', 342, '4640e600', 12345.5, 'kW.h']],
  'eastron/sdm230': [['active-power', 12, 'c0200000', -2.5, 'W']],
  'eastron/sdm54': [
    ['active-power', 52, 'c0200000', -2.5, 'W'],
    ['active-energy-sum-l3', 362, '4640e600', 12345.5, 'kW.h'],
  ],
  'eastron/sdm72d-m': [
    ['active-power', 52, 'c0200000', -2.5, 'W'],
    ['active-energy-sum', 342, '4640e600', 12345.5, 'kW.h'],
  ],
  'eastron/sdm72d-m-2': [['active-energy-import', 72, '4640e600', 12345.5, 'kW.h']],
  'inepro/pro1': [
    ['voltage-l1', 0x5000, '43664000', 230.25, 'V'],
    ['active-power', 0x5012, 'c0200000', -2500, 'W'],
    ['active-energy-import-t2', 0x6010, '4640e600', 12345.5, 'kW.h'],
  ],
  'inepro/pro380': [
    ['voltage-l1', 0x5002, '43664000', 230.25, 'V'],
    ['current-l3', 0x5010, '3fc00000', 1.5, 'A'],
    ['reactive-power-l1', 0x501c, 'bf600000', -875, 'var'],
    ['frequency', 0x5008, '42490000', 50.25, 'Hz'],
    ['active-energy-export-l3', 0x6022, '4640e600', 12345.5, 'kW.h'],
    ['reactive-energy-export', 0x603c, '3e800000', 0.25, 'kvar.h'],
  ],
  'janitza/umg103-cbm': [['active-energy-import', 19_068, '49742400', 1000, 'kW.h']],
  'janitza/umg604': [
    ['voltage-l1-l2', 19_006, '437a2000', 250.125, 'V'],
    ['cos-phi-l1', 19_044, 'bf600000', -0.875, ''],
    ['active-energy-import', 19_068, '4996b43c', 1234.5675, 'kW.h'],
    ['reactive-energy-capacitive-l3', 19_106, '49742400', 1000, 'kvar.h'],
  ],
  'janitza/umg96-pa': [['active-energy-export', 19_076, '49742400', 1000, 'kW.h']],
  'lovato/dmg610': [
    ['voltage-l1', 1, '000059d8', 230, 'V'],
    ['current-l1', 7, '000010e1', 0.4321, 'A'],
    ['active-power', 57, 'fffffa24', -15, 'W'],
    ['power-factor', 63, 'ffffea84', -0.55, ''],
    ['thd-current-l3', 93, '0000007d', 1.25, '%'],
    ['active-energy-import', 6943, '0000000005e30a78', 987654.32, 'kW.h'],
    ['active-energy-export-l3', 7795, '0000011f71fb04cb', 12345678901.23, 'kW.h'],
  ],
  'orno/or-we-504': [
    ['voltage-l1', 0, '08fd', 230.1, 'V'],
    ['active-power', 3, 'fa24', -1500, 'W'],
    ['active-energy-sum', 7, '00bc614e', 12345.678, 'kW.h'],
  ],
  'orno/or-we-514': [
    ['voltage-l1', 0x131, '59d8', 230, 'V'],
    ['current-l1', 0x139, '000010e1', 4.321, 'A'],
    ['active-power', 0x140, 'fffffa24', -1500, 'W'],
    ['active-energy-sum', 0xa000, '00bc614e', 123456.78, 'kW.h'],
  ],
  'orno/or-we-516': [
    ['voltage-l1', 14, '43664000', 230.25, 'V'],
    ['active-power', 28, 'c0200000', -2500, 'W'],
    ['active-energy-import', 264, '4640e600', 12345.5, 'kW.h'],
    ['reactive-energy-export-t2', 326, '3e800000', 0.25, 'kvar.h'],
  ],
  'saia/ale3': [
    ['active-energy-import-t1', 27, '00bc614e', 123456.78, 'kW.h'],
    ['voltage-l1', 35, '00e6', 230, 'V'],
    ['current-l1', 36, '002b', 4.3, 'A'],
    ['reactive-power-l1', 38, 'ff6a', -1500, 'var'],
    ['power-factor-l1', 39, '0057', 0.87, ''],
    ['active-power', 50, '0096', 1500, 'W'],
  ],
  'schneider/iem3250': [['active-energy-import', 3203, '0000000000bc614e', 12345.678, 'kW.h']],
  'schneider/iem3255': [
    ['active-power', 3059, 'c0200000', -2500, 'W'],
    ['active-energy-import', 3203, '0000011f71fb04cb', 1234567890.123, 'kW.h'],
    ['active-energy-import-t1', 4195, '0000000000bc614e', 12345.678, 'kW.h'],
  ],
  'schneider/iem3355': [['active-power', 3059, '3fc00000', 1500, 'W']],
  'schneider/pm3255': [['active-energy-import', 3203, '0000000000bc614e', 12345.678, 'kW.h']],
  'schneider/pm5110': [
    ['active-power', 3059, 'c0200000', -2500, 'W'],
    ['thd-voltage-l1', 21_329, '3fc00000', 1.5, '%'],
    ['active-energy-import', 3203, '0000000000bc614e', 12345.678, 'kW.h'],
    ['serial-number', 129, 'ffffffff', 4_294_967_295, ''],
  ],
  'schneider/pm5320': [['active-energy-export', 3207, '0000000000bc614e', 12345.678, 'kW.h']],
  'siemens/pac3200': [
    ['active-power', 65, 'c0200000', -2.5, 'W'],
    ['active-energy-import-t1', 801, '41678c29c0000000', 12345.678, 'kW.h'],
  ],
  'socomec/countis-e24': [['active-energy-export', 0xc658, '00bc614e', 12_345_678, 'kW.h']],
  'socomec/countis-e44': [
    ['voltage-l1', 0xc558, '000059d8', 230, 'V'],
    ['current-l1', 0xc560, '000010e1', 4.321, 'A'],
    ['active-power', 0xc568, 'ffffff6a', -1500, 'W'],
    ['power-factor', 0xc56e, 'fffffc9a', -0.87, ''],
    ['frequency', 0xc55e, '00001386', 49.98, 'Hz'],
  ],
  'wago/879-3000': [
    ['active-power-l3', 0x5018, '3fc00000', 1500, 'W'],
    ['active-energy-import', 0x600c, '4640e600', 12345.5, 'kW.h'],
  ],
};

function expectRow(profile: string, [name, address, registers, value, unit]: Row): void {
  const point = pointOf(profile, name);
  const { unit: given = '' } = point.settings.definition;
  expect({ address: point.field.address, unit: given }).toEqual({ address, unit });
  expect(readingOf(point, registers)).toMatchObject({ quality: 'good', value });
}

describe.each(Object.entries(meters))('what a %s answers is decoded exactly', (profile, rows) => {
  test.each<Row>(rows)('%s', (...row) => expectRow(profile, row));
});

test.each([
  ['abb/b21', 'active-power', '7fffffff'],
  ['carlo-gavazzi/em112', 'voltage-l1', 'ffff7fff'],
  ['carlo-gavazzi/em340', 'active-power', 'ffff7fff'],
  ['carlo-gavazzi/em540', 'frequency', '7fff'],
  ['schneider/iem3255', 'active-energy-import', '8000000000000000'],
  ['schneider/pm5110', 'active-energy-export', '8000000000000000'],
])('what a %s marks as not available is no value: %s', (profile, name, registers) => {
  expect(readingOf(pointOf(profile, name), registers)).toMatchObject({ quality: 'bad', reason: 'not-available' });
});
