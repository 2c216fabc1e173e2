import { describe, expect, test } from 'vitest';
import { pointOf, readingOf, shipped } from './shipped-profile.ts';

/** Where the point is on the wire, what the device sends, and what that means. */
type Row = readonly [profile: string, point: string, address: number, registers: string, value: number | string];

function expectRow(...[profile, name, address, registers, value]: Row): void {
  const point = pointOf(profile, name);
  expect(point.field.address).toBe(address);
  expect(readingOf(point, registers)).toMatchObject({ quality: 'good', value });
}

// The manuals' own examples: what the device sends, and what they say it means.
describe('the example of its manual is read as the manual reads it', () => {
  test.each<Row>([
    ['vaisala/gmp252', 'co2', 0, 'd47a43e8', 465.65997314453125],
    ['vaisala/hmp', 'relative-humidity', 0, '7ae141f4', Math.fround(30.56)],
    ['senseair/s8', 'co2', 3, '0388', 904],
  ])('%s: %s', expectRow);
});

describe('an inverter is decoded with the order, sign and unit of its document', () => {
  test.each<Row>([
    ['huawei/sun2000', 'generated-power', 32_080, '00001388', 5000],
    ['huawei/sun2000', 'generated-energy', 32_106, '0012d687', 12345.67],
    ['huawei/sun2000', 'device-temperature', 32_087, 'ffce', -5],
    ['huawei/sun2000', 'battery-power', 37_765, 'fffff830', -2000],
    ['huawei/sun2000', 'grid-power', 37_113, '000003e8', -1000], // fed in
    ['huawei/sun2000', 'alarm-mains-lost', 32_008, '0080', 1],
    ['huawei/sun2000', 'alarm-insulation', 32_009, '0004', 1],
    ['huawei/sun2000', 'rated-power', 30_073, '00002710', 10_000],
    ['sungrow/sg', 'generated-power', 5030, '86a00001', 100_000],
    ['sungrow/sg', 'generated-energy', 5003, '86a00001', 100_000],
    ['sungrow/sg', 'generated-energy-day', 5002, '007b', 12.3],
    ['sungrow/sg', 'rated-power', 5000, '0064', 10_000],
    ['sungrow/sg', 'operating-time', 5005, '00020000', 7200],
    ['sma/sunny-tripower', 'generated-power', 30_775, '00001388', 5000],
    ['sma/sunny-tripower', 'generated-energy', 30_529, '00bc614e', 12345.678],
    ['sma/sunny-tripower', 'voltage-l1', 30_783, '000059e2', 230.1],
    ['e3dc/s10', 'pv-power', 40_067, '13880000', 5000],
    ['e3dc/s10', 'battery-power', 40_069, 'f830ffff', -2000],
    ['e3dc/s10', 'generated-power-others', 40_075, 'fc18ffff', 1000],
    ['e3dc/s10', 'autarky', 40_081, '5a28', 90],
    ['e3dc/s10', 'self-consumption', 40_081, '5a28', 40],
    ['e3dc/s10', 'state-of-charge', 40_082, '004b', 75],
    ['victron/gx', 'grid-power-l1', 820, 'fc18', -1000],
    ['victron/gx', 'battery-voltage', 840, '0205', 51.7],
    ['victron/gx', 'battery-current', 841, 'ff9c', -10],
    ['kostal/plenticore', 'pv-power', 100, '4000459c', 5000],
    ['kostal/plenticore', 'battery-power', 582, 'f830', 2000], // charging
    ['kostal/plenticore', 'state-of-charge', 514, '004b', 75],
  ])('%s: %s', expectRow);
});

describe('a charging point is decoded with the scale of its document', () => {
  test.each<Row>([
    ['abb/terra-ac', 'charging-state', 0x400d, '8400', 4],
    ['abb/terra-ac', 'current-l1', 0x4010, '00003e80', 16],
    ['abb/terra-ac', 'voltage-l1', 0x4016, '000008fd', 230.1],
    ['abb/terra-ac', 'charging-energy', 0x401e, '0000303a', 12.346],
    ['keba/p30', 'active-power', 1020, '00a8b1ef', 11055.599],
    ['keba/p30', 'active-energy-import', 1036, '075bcd15', 12345.6789],
    ['keba/p30', 'plug-state', 1004, '00000007', 7],
    ['heidelberg/energy-control', 'current-l1', 6, '00a0', 16],
    ['heidelberg/energy-control', 'device-temperature', 9, 'ff6f', -14.5],
    ['heidelberg/energy-control', 'apparent-energy', 17, '0001e240', 123.456],
  ])('%s: %s', expectRow);
});

describe('a sensor is decoded with the order and scale of its document', () => {
  test.each<Row>([
    ['vaisala/gmp252', 'alarm-error', 2048, '0006', 1],
    ['vaisala/gmp252', 'alarm-critical', 2048, '0006', 0],
    ['vaisala/gmp252', 'operating-state', 2049, '0100', 1],
    ['vaisala/gmw80', 'co2', 0, 'd47a43e8', 465.65997314453125],
    ['senseair/s8', 'alarm-out-of-range', 0, '0020', 1],
    ['wiren-board/wb-msw-v3', 'air-temperature', 0, 'ff85', -12.3],
    ['wiren-board/wb-msw-v3', 'illuminance', 9, '0001e240', 1234.56],
    ['hukseflux/sr05-d1a3-pv', 'global-radiation', 0x1002, '00017c4f', 973.59],
    ['hukseflux/sr05-d1a3-pv', 'global-radiation', 0x1002, 'ffffff9c', -1],
    ['kipp-zonen/smp', 'global-radiation', 10_006, '44736666', Math.fround(973.6)],
    ['kipp-zonen/smp', 'device-temperature', 8, 'ff6f', -14.5],
  ])('%s: %s', expectRow);
});

describe('plant is decoded with the scale and offset of its document', () => {
  test.each<Row>([
    ['grundfos/cim-200', 'medium-temperature', 321, '72b3', 20.48],
    ['grundfos/cim-200', 'active-power', 311, '000003e8', 1000],
    ['grundfos/cim-200', 'differential-pressure', 300, '01c8', 0.456],
    ['grundfos/cim-200', 'operating-time', 326, '00000002', 7200],
    ['stiebel-eltron/isg-lwz', 'outdoor-temperature', 6, 'ff85', -12.3],
    ['stiebel-eltron/isg-lwz', 'heat-flow', 14, '007b', 0.738],
    ['stiebel-eltron/isg-lwz', 'component-state-compressor', 2000, '0002', 1],
    ['stiebel-eltron/isg-lwz', 'operating-mode', 1000, '000b', 11],
    ['danfoss/fc-51', 'output-frequency', 16_129, '01f4', 50],
    ['danfoss/fc-51', 'motor-current', 16_139, '01b0', 4.32],
    ['danfoss/fc-51', 'alarm-trip', 50_199, '0008', 1],
    ['apc/smart-ups', 'state-of-charge', 130, 'c800', 100],
    ['apc/smart-ups', 'output-voltage', 142, '3986', 230.1],
    ['apc/smart-ups', 'battery-voltage', 131, '0369', 27.28],
    ['apc/smart-ups', 'output-frequency', 144, '1900', 50],
    ['moxa/iologik-e1210', 'pulse-count-0', 16, '00010000', 65_536],
    ['moxa/iologik-e1210', 'pulse-count-15', 46, '00000007', 7],
  ])('%s: %s', expectRow);
});

describe('what a device marks as not available is no value', () => {
  test.each([
    ['huawei/sun2000', 'generated-power', '7fffffff'],
    ['huawei/sun2000', 'voltage-l1', 'ffff'],
    ['sungrow/sg', 'device-temperature', '7fff'],
    ['sma/sunny-tripower', 'generated-power', '80000000'],
    ['sma/sunny-tripower', 'operating-state', '00fffffd'],
    ['sma/sunny-tripower', 'generated-energy', 'ffffffff'],
    ['grundfos/cim-200', 'medium-temperature', 'ffff'],
    ['grundfos/cim-200', 'active-power', 'ffffffff'],
    ['stiebel-eltron/isg-lwz', 'room-temperature-2', '8000'],
    ['stiebel-eltron/isg-lwz', 'outdoor-temperature', 'fda8'], // no sensor there
    ['wiren-board/wb-msw-v3', 'co2', 'ffff'],
    ['wiren-board/wb-msw-v3', 'relative-humidity', 'ffff'],
    ['apc/smart-ups', 'input-voltage', 'ffff'],
  ])('%s: %s', (profile, name, registers) => {
    expect(readingOf(pointOf(profile, name), registers)).toMatchObject({ quality: 'bad', reason: 'not-available' });
  });
});

test('nothing can be written but what a document gives the values of', () => {
  const writable = shipped.flatMap(({ profile, points }) =>
    points.filter(({ settings }) => settings.definition.write !== undefined).map(({ name }) => [profile.name, name]),
  );
  expect(writable).toEqual([
    ['heidelberg/energy-control', 'charging-current-limit'],
    ['stiebel-eltron/isg-lwz', 'operating-mode'],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((relay) => ['waveshare/modbus-rtu-relay', `digital-output-${relay}`]),
  ]);
});

test.each([
  ['keba/p30', 2],
  ['hukseflux/sr05-d1a3-pv', 5],
])('%s is asked for %i registers at most', (name, most) => {
  expect(shipped.find(({ profile }) => profile.name === name)?.device).toMatchObject({ maxWords: most, maxGap: 0 });
});

test('every bit that raises an alarm is sent at once, and says in words whether it does', () => {
  const alarms = shipped
    .flatMap(({ points }) => points)
    .filter(({ settings }) => settings.definition.quantity === 'alarm');
  expect(alarms.length).toBeGreaterThan(30);
  for (const { settings } of alarms) {
    expect(settings.definition).toMatchObject({ class: 'alarm', states: { '0': 'normal', '1': 'alarm' } });
  }
});
