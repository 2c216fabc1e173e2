import { describe, expect, test } from 'vitest';
import { describeValues, MeterPoints, readingsOf } from '../../../drivers/meter/meter-points.ts';
import type { MeterAddress } from '../../../drivers/meter/point-schema.ts';
import type { MeterContent, MeterValue } from '../../../drivers/meter/value.ts';
import { parseDecimal } from '../../../src/model/decimal.ts';
import { formatObis, parseObis } from '../../../src/model/obis.ts';

function value(code: string, content: MeterContent, more: Partial<MeterValue> = {}): MeterValue {
  const obis = parseObis(code);
  return { register: obis === undefined ? code : formatObis(obis), obis, index: 0, content, time: null, ...more };
}

function number(text: string, unit?: string): MeterContent {
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw new TypeError(`${text} is no number`);
  return { kind: 'number', decimal, unit };
}

const text = (written: string): MeterContent => ({ kind: 'text', text: written });

const deviceOf = (...addresses: readonly MeterAddress[]) => ({
  id: 'meter',
  settings: {},
  points: addresses.map((address, index) => ({ number: index + 1, id: `meter/${index + 1}`, address })),
});

function readings(values: readonly MeterValue[], ...addresses: readonly MeterAddress[]): readonly unknown[] {
  const { points } = deviceOf(...addresses);
  return readingsOf(points, values, 7).map(({ value: read, reason }) => reason ?? read);
}

function described(...values: readonly MeterValue[]) {
  return describeValues(values, 'meter').map(({ name, unit, quantity, kind, obis }) => ({
    name,
    unit,
    quantity,
    kind,
    obis,
  }));
}

describe('a configured point', () => {
  test('is converted to its unit, exactly', () => {
    const values = [value('1.8.0', number('26107.7034231', 'kW.h'))];
    expect(readings(values, { obis: '1-0:1.8.0', unit: 'kW.h' })).toEqual([26_107.703_423_1]);
    expect(readings(values, { obis: '1-0:1.8.0', unit: 'W.h' })).toEqual([26_107_703.423_1]);
    expect(readings(values, { obis: '1-0:1.8.0', unit: 'MW.h' })).toEqual([26.107_703_423_1]);
    expect(readings(values, { obis: '1-0:1.8.0' })).toEqual([26_107.703_423_1]);
    expect(readings([value('1.8.0', number('18446744073709551615', 'W.h'))], { obis: '1.8.0', unit: 'W.h' })).toEqual([
      18_446_744_073_709_551_615n,
    ]);
  });

  test.each([
    ['W', 'kW.h'],
    ['GJ', 'kW.h'], // 1/0.0036 is no decimal
    ['?apples', 'kW.h'],
    ['var', 'W'],
  ])('in %s is no value in %s', (sent, unit) => {
    expect(readings([value('1.8.0', number('1', sent))], { obis: '1-0:1.8.0', unit })).toEqual(['type-mismatch']);
  });

  test('takes the word of the configuration where the meter names no unit', () => {
    expect(readings([value('1.8.1', number('32942.0231'))], { obis: '1-0:1.8.1', unit: 'kW.h' })).toEqual([
      32_942.023_1,
    ]);
  });

  test('is text where its code is, or its kind; a state is the number that is written', () => {
    expect(readings([value('C.1.0', text('0042'))], { obis: '0-0:96.1.0' })).toEqual(['0042']);
    expect(readings([value('96.14.0', text('0002'))], { obis: '0-0:96.14.0' })).toEqual([2]);
    expect(readings([value('96.14.0', text('0002'))], { obis: '0-0:96.14.0', kind: 'text' })).toEqual(['0002']);
    expect(readings([value('96.14.0', text('T2'))], { obis: '0-0:96.14.0' })).toEqual(['type-mismatch']);
    expect(readings([value('96.5.5', text('80'))], { obis: '0-0:96.5.5' })).toEqual(['80']);
    expect(readings([value('1.8.0', text('12'))], { obis: '1-0:1.8.0', unit: 'kW.h' })).toEqual([12]);
    expect(readings([value('1.8.0', text('12x'))], { obis: '1-0:1.8.0', unit: 'kW.h' })).toEqual(['type-mismatch']);
  });

  test('that the meter does not send is refused, and one that it has no value for is not available', () => {
    const values = [value('1.8.0', { kind: 'none', reason: 'not-available' })];
    expect(readings(values, { obis: '1-0:1.8.0' }, { obis: '1-0:2.8.0' })).toEqual(['not-available', 'refused']);
  });

  test('may be the second value of a register, or a stored one', () => {
    const values = [
      value('1.6.0', number('2.468', 'kW')),
      value('1.6.0', text('1703100930'), { index: 1 }),
      value('1.6.0*01', number('3.258', 'kW')),
    ];
    expect(readings(values, { obis: '1-0:1.6.0', value: 1, kind: 'text' }, { obis: '1-0:1.6.0*1', unit: 'W' })).toEqual(
      ['1703100930', 3_258],
    );
  });
});

describe('a point that the meter brings along', () => {
  test('is named from its code, in the unit of its quantity', () => {
    expect(described(value('1.8.0', number('1', 'W.h')), value('32.7.0', number('230', 'V')))).toEqual([
      {
        name: 'active-energy-import',
        unit: 'kW.h',
        quantity: 'active-energy-import',
        kind: 'counter',
        obis: '1-0:1.8.0',
      },
      { name: 'voltage-l1', unit: 'V', quantity: 'voltage-l1', kind: 'gauge', obis: '1-0:32.7.0' },
    ]);
  });

  test('keeps the unit of the meter, and has no quantity, where they do not go together', () => {
    expect(described(value('6-0:1.0.0', number('1', 'GJ')), value('17.0.0', number('16', 'A')))).toMatchObject([
      { name: 'heat-energy', unit: 'GJ', quantity: undefined },
      { unit: 'A', quantity: undefined },
    ]);
    expect(described(value('1.8.1', number('32942.0231')))).toMatchObject([{ unit: undefined, quantity: undefined }]);
    expect(described(value('1.8.1', number('32942.0231', '?units')))).toMatchObject([
      { unit: undefined, quantity: undefined },
    ]);
  });

  test('is named by its code or register where that means nothing', () => {
    expect(
      described(value('1-0:82.8.0', number('1')), value('9.21', text('R'), { register: '9.21', obis: undefined })),
    ).toMatchObject([
      { name: 'obis-1-0-82-8-0', kind: 'gauge' },
      { name: '9-21', kind: 'text', obis: undefined },
    ]);
  });

  test('has a name of its own, whatever the others are called', () => {
    const values = [
      value('7-0:1.0.0', number('1', 'm3')),
      value('7-0:3.0.0', number('2', 'm3')),
      value('1.6.0', number('1', 'kW')),
      value('1.6.0', text('x'), { index: 1 }),
    ];
    expect(described(...values).map(({ name }) => name)).toEqual([
      'gas-volume',
      'gas-volume-2',
      'active-power-demand-import-max',
      'active-power-demand-import-max-2',
    ]);
  });

  test('is told of once, and not before it has a value', () => {
    const points = new MeterPoints(deviceOf());
    const none = value('1.8.0', { kind: 'none', reason: 'not-available' });
    expect(points.take([none], 0)).toEqual({ device: 'meter', readings: [] });
    expect(points.take([value('1.8.0', number('1', 'W.h'))], 0).discovered).toHaveLength(1);
    const later = points.take([value('1.8.0', number('2000', 'W.h')), value('1.8.0', number('3', 'W.h'))], 5);
    expect(later.discovered).toBeUndefined();
    expect(later.readings).toEqual([
      { point: 'active-energy-import', value: 2, quality: 'good', receivedTime: 5, sourceTime: null },
    ]);
    expect(points.take([none], 6).readings).toMatchObject([{ quality: 'bad', reason: 'not-available' }]);
    expect(points.take([value('1.8.0', number('1', 'W'))], 6).readings).toMatchObject([{ reason: 'type-mismatch' }]);
  });
});
