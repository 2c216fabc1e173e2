import { describe, expect, test } from 'vitest';
import { describeValues } from '../../../drivers/meter/meter-points.ts';
import type { MeterValue } from '../../../drivers/meter/value.ts';
import { parseDataLines } from '../../../drivers/meter/data-lines.ts';
import { parseTelegram } from '../../../drivers/p1/telegram.ts';
import { P1Reader } from '../../../drivers/p1/values.ts';
import { numberOf } from '../../../src/model/decimal.ts';

function read(...lines: readonly string[]): readonly MeterValue[] {
  return new P1Reader('Europe/Amsterdam').values(parseDataLines(lines.join('\r\n')).sets).values;
}

/** What is said, as value, unit and time. */
function said(...lines: readonly string[]): readonly unknown[] {
  return read(...lines).map(({ content, time }) => [
    content.kind === 'number'
      ? `${numberOf(content.decimal)} ${content.unit}`
      : content.kind === 'text'
        ? content.text
        : content.kind,
    time === null ? null : new Date(time).toISOString(),
  ]);
}

describe('a value', () => {
  test('has the time of the telegram, by its mark of summer time', () => {
    expect(said('0-0:1.0.0(221030023000W)', '1-0:1.7.0(00.244*kW)')).toEqual([
      ['2022-10-30T01:30:00.000Z', '2022-10-30T01:30:00.000Z'],
      ['0.244 kW', '2022-10-30T01:30:00.000Z'],
    ]);
  });

  test('of a sub-meter has its own time', () => {
    expect(said('0-0:1.0.0(170102192002W)', '0-1:24.2.1(170102161005W)(00000.107*m3)').at(1)).toEqual([
      '0.107 m3',
      '2017-01-02T15:10:05.000Z',
    ]);
  });

  test('of a sub-meter before DSMR 4 has its unit elsewhere', () => {
    expect(said('0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)', '(00001.001)')).toEqual([
      ['1.001 m3', '2016-11-07T18:00:00.000Z'],
    ]);
  });

  test('that was never captured is none', () => {
    expect(
      said('0-1:24.2.1(632525252525W)(00000.000*m3)', '0-1:24.3.0(000000000000)(00)(60)(1)(0-1:24.2.1)(m3)', '()'),
    ).toEqual([
      ['none', null],
      ['none', null],
    ]);
  });

  test('is the text that hexadecimal digits stand for, where it should be one', () => {
    expect(said('0-0:96.1.1(4B384547303034)', '0-0:96.13.0()', '0-0:96.13.1(3031)', '0-1:96.1.0(00FF)')).toEqual([
      ['K8EG004', null],
      ['', null],
      ['01', null],
      ['00FF', null],
    ]);
  });

  test('of the log of power failures is the end and length of each', () => {
    const log = '1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)';
    expect(said(log)).toEqual([['2010-12-08T14:24:15.000Z 0000000240 s; 2010-12-08T14:10:04.000Z 0000000301 s', null]]);
    expect(said('1-0:99.97.0(0)(0-0:96.7.19)')).toEqual([['', null]]);
  });

  test('of the peaks of Belgium is each with its time', () => {
    expect(
      said(
        '1-0:1.6.0(200509134558S)(02.589*kW)',
        '0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)',
      ),
    ).toEqual([
      ['2.589 kW', '2020-05-09T11:45:58.000Z'],
      ['2020-04-30T22:00:00.000Z 2020-04-23T17:25:38.000Z 03.695 kW', null],
    ]);
  });
});

test('a telegram of another protocol is not taken for one without a checksum', () => {
  const { sets, malformed } = parseDataLines('1-0:1.8.0*255(00052185.7825309*kWh)');
  expect(malformed).toEqual([]);
  expect(parseTelegram({ identification: '/ESY5Q3D', data: '1-0:1.8.0*255(1*kWh)', checked: false })).toContain(
    'mode D',
  );
  expect(sets).toHaveLength(1);
});

test('sub-meters are named by what they measure, and the channel they are on', () => {
  const points = describeValues(
    read(
      '0-1:24.1.0(003)',
      '0-1:96.1.0(4730303031)',
      '0-1:24.2.1(170102161005W)(00000.107*m3)',
      '0-2:24.1.0(007)',
      '0-2:24.2.1(170102161005W)(00872.234*m3)',
      '0-3:24.1.0(004)',
      '0-3:24.2.1(170102161005W)(00012.500*GJ)',
      '0-4:24.1.0(002)',
      '0-4:24.2.1(170102161005W)(00012.5*kWh)',
    ),
    'meter',
  );
  expect(
    points.filter(({ unit }) => unit !== undefined).map(({ name, unit, quantity }) => [name, unit, quantity]),
  ).toEqual([
    ['gas-volume-channel-1', 'm3', 'gas-volume'],
    ['water-volume-channel-2', 'm3', 'water-volume'],
    ['heat-energy-channel-3', 'GJ', undefined],
    ['active-energy-import-channel-4', 'kW.h', 'active-energy-import'],
  ]);
  expect(points.map(({ name }) => name)).toContain('serial-number-channel-1');
});
