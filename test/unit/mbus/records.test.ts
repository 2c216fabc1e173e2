import { describe, expect, test } from 'vitest';
import { encodeDataInformation, readDataInformation } from '../../../drivers/mbus/data-information.ts';
import { parseRecord, printRecord } from '../../../drivers/mbus/record-name.ts';
import { readRecords, type DataRecord } from '../../../drivers/mbus/records.ts';
import { readValueInformation } from '../../../drivers/mbus/value-information.ts';

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** The one record that these bytes are. */
function only(hex: string): DataRecord {
  const read = readRecords(bytes(hex));
  if (typeof read === 'string') throw new Error(read);
  const [record, ...others] = read.records;
  if (record === undefined || others.length > 0) throw new Error(`${read.records.length + 1} records`);
  return record;
}

function shown(hex: string): readonly unknown[] {
  const { place, value, unit, reason } = only(hex);
  return [printRecord({ ...place, occurrence: 1 }), value ?? reason ?? null, ...(unit === undefined ? [] : [unit])];
}

describe('a record is read', () => {
  // EN 13757-3, 6.3.3: the data fields.
  test.each([
    ['00 13', ['volume', null, 'm3']],
    ['01 13 7f', ['volume', 0.127, 'm3']],
    ['01 13 ff', ['volume', -0.001, 'm3']],
    ['01 13 80', ['volume', 'not-available', 'm3']],
    ['02 13 0080', ['volume', 'not-available', 'm3']],
    ['02 13 3412', ['volume', 4.66, 'm3']],
    ['03 13 ffffff', ['volume', -0.001, 'm3']],
    ['04 13 d2029649', ['volume', 1_234_567.89, 'm3']],
    ['05 2b 0000c03f', ['power', 1.5, 'W']],
    ['05 2b 0000c07f', ['power', 'not-a-number', 'W']],
    ['06 13 000000000001', ['volume', 1_099_511_627.776, 'm3']],
    ['07 13 0100000000000000', ['volume', 0.001, 'm3']],
    ['07 16 ffffffffffffff7f', ['volume', 9_223_372_036_854_775_807n, 'm3']],
    ['07 13 0000000000000080', ['volume', 'not-available', 'm3']],
    ['09 13 21', ['volume', 0.021, 'm3']],
    ['0a 13 2143', ['volume', 4.321, 'm3']],
    ['0b 13 214365', ['volume', 654.321, 'm3']],
    ['0c 13 21436587', ['volume', 87_654.321, 'm3']],
    ['0e 13 214365870921', ['volume', 210_987_654.321, 'm3']],
    ['0c 13 214365f7', ['volume', -7654.321, 'm3']],
    ['0c 13 214365a7', ['volume', 'not-available', 'm3']],
    ['0c 13 214d6507', ['volume', 'not-available', 'm3']],
    ['0c 13 ffffffff', ['volume', 'not-available', 'm3']],
    ['08 13', ['volume', null, 'm3']],
  ])('with the data of %s', (hex, expected) => {
    expect(shown(hex)).toEqual(expected);
  });

  // The same, LVAR.
  test.each([
    ['0d fd11 06 3635 34 33 32 31', ['customer', '123456']],
    ['0d fd11 00', ['customer', '']],
    ['0d 13 c4 21436587', ['volume', 87_654.321, 'm3']],
    ['0d 13 d2 2143', ['volume', -4.321, 'm3']],
    ['0d 13 e2 feff', ['volume', -0.002, 'm3']],
    ['0d 13 e9 010203040506070809', ['volume', '010203040506070809', 'm3']],
    ['0d fd3b f0 000102030405060708090a0b0c0d0e0f', ['wireless-container', '000102030405060708090a0b0c0d0e0f']],
  ])('of variable length, %s', (hex, expected) => {
    expect(shown(hex)).toEqual(expected);
  });

  // EN 13757-3, 6.4.2 to 6.4.5: the smallest and the largest code of each range.
  test.each([
    ['04 00 39300000', ['energy', 0.012345, 'kW.h']],
    ['04 07 39300000', ['energy', 123_450, 'kW.h']],
    ['04 08 39300000', ['energy', 0.000012345, 'GJ']],
    ['04 0f 39300000', ['energy', 123.45, 'GJ']],
    ['04 10 39300000', ['volume', 0.012345, 'm3']],
    ['04 17 39300000', ['volume', 123_450, 'm3']],
    ['04 18 39300000', ['mass', 12.345, 'kg']],
    ['04 1f 39300000', ['mass', 123_450_000, 'kg']],
    ['04 20 39300000', ['on-time', 12_345, 's']],
    ['04 21 39300000', ['on-time', 740_700, 's']],
    ['04 22 39300000', ['on-time', 44_442_000, 's']],
    ['04 23 39300000', ['on-time', 1_066_608_000, 's']],
    ['04 26 39300000', ['operating-time', 44_442_000, 's']],
    ['04 28 39300000', ['power', 12.345, 'W']],
    ['04 2f 39300000', ['power', 123_450_000, 'W']],
    ['04 30 39300000', ['power', 0.012345, 'MJ/h']],
    ['04 38 39300000', ['volume-flow', 0.012345, 'm3/h']],
    ['04 3f 39300000', ['volume-flow', 123_450, 'm3/h']],
    ['04 40 39300000', ['volume-flow', 0.07407, 'm3/h']],
    ['04 48 39300000', ['volume-flow', 0.044442, 'm3/h']],
    ['04 50 39300000', ['mass-flow', 12.345, 'kg/h']],
    ['04 58 39300000', ['flow-temperature', 12.345, 'Cel']],
    ['04 5f 39300000', ['return-temperature', 12_345, 'Cel']],
    ['04 61 39300000', ['temperature-difference', 123.45, 'K']],
    ['04 65 39300000', ['external-temperature', 123.45, 'Cel']],
    ['04 6b 39300000', ['pressure', 12_345, 'bar']],
    ['04 6e 39300000', ['heat-cost-allocation', 12_345, '1']],
    ['04 6f 39300000', ['vif-6f', 12_345]],
    ['04 71 39300000', ['averaging-duration', 740_700, 's']],
    ['04 74 39300000', ['actuality-duration', 12_345, 's']],
    ['04 78 39300000', ['fabrication-number', '12345']],
    ['0c 78 21436507', ['fabrication-number', '07654321']],
    ['0c 79 2143650b', ['identification', '0B654321']],
    ['01 7a fd', ['bus-address', 253]],
    ['02 fd17 0080', ['error-flags', 32_768]],
    ['02 fd48 fd08', ['voltage', 230.1, 'V']],
    ['02 fd40 fd08', ['voltage', 0.000002301, 'V']],
    ['02 fd59 fd08', ['current', 2.301, 'A']],
    ['01 fd32 05', ['tariff-duration', 18_000, 's']],
    ['01 fd28 01', ['storage-interval', 1, 'mo']],
    ['01 fd6c 02', ['battery-time', 7_200, 's']],
    ['02 fd74 f00d', ['battery-remaining', 3_568, 'd']],
    ['02 fd77 0100', ['vif-fd-77', 1]],
    ['04 fb00 39300000', ['energy', 1_234_500, 'kW.h']],
    ['04 fb01 39300000', ['energy', 12_345_000, 'kW.h']],
    ['04 fb02 39300000', ['reactive-energy', 12_345, 'kvar.h']],
    ['04 fb08 39300000', ['energy', 1_234.5, 'GJ']],
    ['04 fb0d 39300000', ['energy', 12_345, 'Mcal']],
    ['04 fb11 39300000', ['volume', 12_345_000, 'm3']],
    ['04 fb14 39300000', ['reactive-power', 12_345, 'var']],
    ['04 fb18 39300000', ['mass', 1_234_500_000, 'kg']],
    ['02 fb1a e101', ['relative-humidity', 48.1, '%']],
    ['04 fb28 39300000', ['power', 1_234_500_000, 'W']],
    ['02 fb2e 8813', ['frequency', 500, 'Hz']],
    ['02 fb2d 8813', ['frequency', 50, 'Hz']],
    ['04 fb34 39300000', ['apparent-power', 12_345, 'V.A']],
    ['04 fb76 39300000', ['temperature-limit', 1_234.5, 'Cel']],
    ['02 7e 3930', ['any', 12_345]],
    ['02 7f 3930', ['manufacturer', 12_345]],
    ['02 ff13 3930', ['manufacturer 13', 12_345]],
    ['02 ff 93 04 3930', ['manufacturer 13-04', 12_345]],
    ['02 fc 03 485225 74 d411', ['plain-text %RH', 45.64]],
    ['02 7c 02 4820 d411', ['plain-text H', 4_564]],
  ])('with the value information of %s', (hex, expected) => {
    expect(shown(hex)).toEqual(expected);
  });

  // EN 13757-3, 6.4.6 and 6.4.7: what may follow any value information.
  test.each([
    ['02 933c 0a00', ['volume backward', 0.01, 'm3']],
    ['02 933b 0a00', ['volume forward', 0.01, 'm3']],
    ['02 9322 0a00', ['volume per-hour', 0.01, 'm3/h']],
    ['02 932c 0a00', ['volume per-litre', 0.01, 'm3/l']],
    ['02 9329 0a00', ['volume per-input-pulse-1', 0.01, 'm3']],
    ['02 9370 0a00', ['volume', 0.00000001, 'm3']],
    ['02 937d 0a00', ['volume', 10, 'm3']],
    ['02 9379 0a00', ['volume offset', 0.0001, 'm3']],
    ['02 fdc8fc01 fd08', ['voltage l1', 230.1, 'V']],
    ['02 fdc8fc07 fd08', ['voltage l3-l1', 230.1, 'V']],
    ['02 fdc8ff01 fd08', ['voltage manufacturer 01', 230.1, 'V']],
    ['02 9340 0a00', ['volume lower-limit', 0.01, 'm3']],
    ['02 9349 0a00', ['volume upper-limit-exceeds', 10, '1']],
    ['02 935d 0a00', ['volume upper-limit-last-duration', 600, 's']],
    ['04 936f 32371f15', ['volume last-end', '2008-05-31T23:50:00']],
    ['04 9339 32371f15', ['volume start', '2008-05-31T23:50:00']],
    ['02 937e 0a00', ['volume future', 0.01, 'm3']],
    ['02 93fc11 ffff', ['volume', 65_535, 'm3']],
    ['00 9301', ['volume', 'refused', 'm3']],
    ['02 9315 0000', ['volume', 'not-available', 'm3']],
    ['02 9316 0000', ['volume', 'out-of-range', 'm3']],
    ['02 9318 0000', ['volume', 'device-failure', 'm3']],
    ['02 93 bc 22 0a00', ['volume backward per-hour', 0.01, 'm3/h']],
    ['0d 931f 03 010203', ['volume profile', '010203', 'm3']],
    ['02 9307 0a00', ['volume', 'refused', 'm3']],
    ['02 933d 0a00', ['volume non-metric', 0.01, 'm3']],
    ['02 935f 0a00', ['volume upper-limit-last-duration', 864_000, 's']],
    ['02 9311 0a00', ['volume vife-11', 0.01, 'm3']],
  ])('with the extensions of %s', (hex, expected) => {
    expect(shown(hex)).toEqual(expected);
  });

  // EN 13757-3, Annex A.
  test.each([
    ['02 6c 1f15', '2008-05-31'],
    ['02 6c ffff', undefined],
    ['02 6c 0000', undefined],
    ['02 6c fe15', '2015-05-30'],
    ['02 6c ff1c', '2015-12-31'],
    ['02 6c fffc', '*-12-31'],
    ['04 6d 32371f15', '2008-05-31T23:50:00'],
    ['04 6d b2371f15', undefined],
    ['04 6d 32571f15', '2108-05-31T23:50:00'],
    ['04 6d 3f1f1f15', '2008-05-31T*:*:00'],
    ['06 6d 0a0b0c1f1500', '2008-05-31T12:11:10'],
    ['06 6d 0a8b0c1f1500', undefined],
    ['03 6d 0a0b0c', '12:11:10'],
    ['03 6d 3c0b0c', undefined],
    ['04 6d 32373e12', undefined], // the 30th of February
    ['04 6d 32373d12', undefined], // the 29th of February of 2009
    ['04 6d 32371d12', '2008-02-29T23:50:00'],
  ])('with the time of %s', (hex, expected) => {
    const { value, reason } = only(hex);
    expect(value ?? reason).toBe(expected ?? 'not-available');
  });

  test('with storage, tariff and subunit of any size, and the function', () => {
    expect(shown('d4 93 e5 01 13 0a000000')).toEqual(['volume max storage 679 tariff 9 subunit 2', 0.01, 'm3']);
    expect(shown('64 13 0a000000')).toEqual(['volume min storage 1', 0.01, 'm3']);
    expect(shown('34 13 0a000000')).toEqual(['volume error', 0.01, 'm3']);
    for (const which of [
      { storage: 0, tariff: 0, subunit: 0 },
      { storage: 1, tariff: 3, subunit: 1 },
      { storage: 510, tariff: 0, subunit: 0 },
      { storage: 2 ** 41 - 1, tariff: 2 ** 20 - 1, subunit: 2 ** 10 - 1 },
    ]) {
      const information = { field: 4, function: 'maximum', ...which } as const;
      const encoded = encodeDataInformation(information);
      expect(readDataInformation(encoded, 0)).toEqual({ information, end: encoded.length });
    }
  });
});

describe('a telegram that breaks the rules is refused with the reason', () => {
  test.each([
    ['04 13 0a0000', 'record 1: it ends within the data of a record of 4 bytes'],
    ['01 13 05 84', 'record 2: it ends within a DIF'],
    ['01', 'record 1: it ends before a VIF'],
    ['01 93', 'record 1: it ends within a VIF'],
    ['01 fd', 'record 1: it ends within a VIF'],
    ['01 fdc8', 'record 1: it ends within a VIF'],
    ['01 7c 09 4848', 'record 1: it ends within the text of a VIF'],
    ['0d 13', 'record 1: it ends before the length of a record'],
    ['0d 13 fa', 'record 1: a variable length is coded as fa, which is reserved'],
    ['3f', 'record 1 begins with 3f, which is reserved'],
    ['7f', 'record 1 begins with 7f, which is reserved'],
    ['84 8080808080808080808000 13 00000000', 'record 1: more than 10 DIFEs follow a DIF'],
    ['04 93 bbbbbbbbbbbbbbbbbbbb3b 00000000', 'record 1: more than 10 VIFEs follow a VIF'],
  ])('%s', (hex, reason) => {
    expect(readRecords(bytes(hex))).toBe(reason);
  });

  test('ten of each are allowed, and fillers anywhere between records', () => {
    expect(only('84 80808080808080808000 13 0a000000').value).toBe(0.01);
    expect(only('2f2f 04 93 bbbbbbbbbbbbbbbbbb3b 0a000000 2f').value).toBe(0.01);
  });
});

describe('records are named', () => {
  test.each([
    'energy',
    'volume storage 1 tariff 2',
    'power max',
    'flow-temperature min tariff 1',
    'voltage l1',
    'energy backward error storage 3 tariff 4 subunit 5 #2',
  ])('%s is read as it is written', (text) => {
    const key = parseRecord(text);
    if (typeof key === 'string') throw new Error(key);
    expect(printRecord(key)).toBe(text);
  });

  test('in any order of its parts', () => {
    expect(parseRecord('tariff 2  volume storage 1')).toEqual(parseRecord('volume storage 1 tariff 2'));
  });

  test.each([
    ['volume storage', 'write a whole number up to 2199023255551 behind storage'],
    ['volume tariff x', 'write a whole number up to 1048575 behind tariff'],
    ['volume #0', '#0 is no number like #2'],
  ])('%s is explained', (text, reason) => {
    expect(parseRecord(text)).toBe(reason);
  });

  test('a unit written out becomes one word', () => {
    const read = readValueInformation(bytes('7c 04 68 2f 20 57'), 0);
    expect(read).toMatchObject({ meaning: { name: 'plain-text W_/h' } });
  });
});
