import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { playModbus } from '../support/played-modbus.ts';
import { describeWith, sharedFixture, testWith } from '../support/peers.ts';
import { peersFor, pymodbusWays, servePymodbus, startPymodbus } from '../support/pymodbus.ts';
import { composeImage, holdingImage, type ComposedModel } from '../support/sunspec-device.ts';
import { openSunSpec } from '../support/sunspec-session.ts';

type Fixture = {
  readonly image: Readonly<Record<string, number>>;
  readonly points: readonly {
    readonly model: number;
    readonly point: string;
    readonly raw: number | string;
    readonly scaled: number | string;
    readonly type: string;
  }[];
};

const PEERS = ['pymodbus', 'fixtures'] as const;
/** What the points of the fixture are called here. */
const NAMES: Readonly<Record<string, string>> = {
  Mn: 'manufacturer',
  Md: 'model',
  Vr: 'firmware-version',
  SN: 'serial-number',
  ActCrv: 'lvrt-act-crv',
  ModEna: 'lvrt-mod-ena',
  NCrv: 'lvrt-n-crv',
  NPt: 'lvrt-n-pt',
};

function file(): string {
  return sharedFixture('modbus/images/sunspec_inverter_123.json');
}

describeWith(PEERS, 'an inverter as pysunspec2 composes it, served by pymodbus', () => {
  for (const way of pymodbusWays) {
    testWith(peersFor(way), `is found over ${way} and read without a profile, every point exact`, async () => {
      const { points } = JSON.parse(readFileSync(file(), 'utf8')) as Fixture;
      await using server = await servePymodbus(way, file());
      await using inverter = await openSunSpec({}, { models: [1, 129] }, server.settings);
      const values = await inverter.read();
      const expected = points.filter(
        ({ point, type }) => !['ID', 'L'].includes(point) && !['pad', 'sunssf'].includes(type),
      );
      expect(expected).toHaveLength(8);
      for (const { point, scaled } of expected) expect(values.get(NAMES[point] ?? point), point).toBe(String(scaled));
      expect(inverter.observed.filter(({ event }) => event === 'malformed-frame')).toEqual([]);
    });
  }

  testWith(PEERS, 'its curves have the points that it has, scaled by the factors that it gives', async () => {
    await using server = await startPymodbus(file());
    await using inverter = await openSunSpec(server, { models: [129] });
    const curves = [...(await inverter.read())].filter(([name]) => name.startsWith('lvrt-curve'));
    expect(curves.slice(0, 9)).toEqual([
      ['lvrt-curve-1-act-pt', '4'],
      ['lvrt-curve-1-tms1', '2 s'],
      ['lvrt-curve-1-v1', '88 %'],
      ['lvrt-curve-1-tms2', '0.71 s'],
      ['lvrt-curve-1-v2', '65 %'],
      ['lvrt-curve-1-tms3', '0.2 s'],
      ['lvrt-curve-1-v3', '45 %'],
      ['lvrt-curve-1-tms4', '0 s'],
      ['lvrt-curve-1-v4', '30 %'],
    ]);
    expect(new Set(curves.map(([name]) => name.split('-')[2]))).toEqual(new Set(['1', '2', '3', '4']));
  });
});

// Composed from the standard's own offsets.
const COMMON: ComposedModel = { id: 1, values: { 0: 'Sonne AG', 16: 'Dach 10', 40: '1.2', 48: 'A-77' } };

describe('an inverter with modules and a battery, after IEEE 1547', () => {
  const AC: ComposedModel = {
    id: 701,
    values: {
      0: 2, // three phases
      2: 3, // running
      4: 0, // no alarm
      5: 4, // over voltage on the direct side… bit 2 of the lower word
      8: -4_980, // W
      9: 5_000, // VA
      11: -996, // PF
      13: 4_001, // line voltage
      15: 0, // Hz, upper word
      16: 50_003,
      17: 123_456_789_012_345n, // Wh injected
      21: 0n, // Wh absorbed
      34: 412, // cabinet
      45: 2_301, // V L1
      111: -2, // A_SF
      112: -1, // V_SF
      113: -3, // Hz_SF
      114: 1, // W_SF
      115: -3, // PF_SF
      116: 1, // VA_SF
      118: -1, // TotWh_SF
      120: -1, // Tmp_SF
    },
  };

  test('is read in the words of the vocabulary, and what it does not have is left out', async () => {
    const storage = { id: 713, values: { 0: 1_000, 2: 873, 4: 0, 5: 1, 6: -1 } };
    const ports = {
      id: 714,
      times: 2,
      values: { 2: 2, 3: 125, 13: -1, 14: 0, 15: 1, 16: 0, 17: 0, 18: 0, 28: 63, 29: 610, 53: 62, 54: 612 },
    };
    await using server = await playModbus(holdingImage(await composeImage([COMMON, AC, storage, ports])));
    await using inverter = await openSunSpec(server);
    expect(Object.fromEntries(await inverter.read())).toEqual({
      manufacturer: 'Sonne AG',
      model: 'Dach 10',
      'firmware-version': '1.2',
      'serial-number': 'A-77',
      'inverter-ac-type': '2',
      'operating-state': '3',
      'device-errors': '4',
      'generated-power': '-49800 W',
      'apparent-power': '50000 V.A',
      'power-factor': '-0.996',
      'voltage-line-average': '400.1 V',
      frequency: '50.003 Hz',
      'generated-energy': '12345678901.2345 kW.h',
      'active-energy-import': '0 kW.h',
      'device-temperature': '41.2 Cel',
      'voltage-l1': '230.1 V',
      'storage-wh-rtg': '10000 W.h',
      'storage-state-of-charge': '87.3 %',
      'storage-sta': '0',
      'dc-n-prt': '2',
      'dc-dca': '12.5 A',
      'dc-prt-1-prt-typ': '0',
      'dc-prt-1-dca': '6.3 A',
      'dc-prt-1-dcv': '610 V',
      'dc-prt-2-dca': '6.2 A',
      'dc-prt-2-dcv': '612 V',
    });
  });
});

describe('a three-phase meter', () => {
  const METER: ComposedModel = {
    id: 203,
    values: {
      0: 100,
      1: 35,
      4: -1,
      6: 2_302,
      13: -1,
      14: 4_998,
      15: -2,
      16: -1_234,
      20: 0,
      31: 97,
      35: 0,
      36: 0,
      37: 9_000,
      44: 1,
      45: 4_464,
      52: 0,
    },
  };

  test('is read exactly, energies in kWh and power factors as ratios', async () => {
    await using server = await playModbus(holdingImage(await composeImage([COMMON, METER])));
    await using meter = await openSunSpec(server, { base: 1 });
    expect(Object.fromEntries(await meter.read())).toMatchObject({
      'current-sum': '10 A',
      'current-l1': '3.5 A',
      'voltage-l1': '230.2 V',
      frequency: '49.98 Hz',
      'active-power': '-1234 W',
      'power-factor': '0.97',
      'active-energy-export': '9 kW.h',
      'active-energy-import': '70 kW.h',
    });
  });

  test('whose value is not there any more is bad for that while, and nothing else of it', async () => {
    const image = new Map(await composeImage([COMMON, METER]));
    await using server = await playModbus(holdingImage(image));
    await using meter = await openSunSpec(server);
    image.set(40_072 + 6, 0x8000);
    const asleep = await meter.read();
    expect(asleep.get('voltage-l1')).toBe('bad not-available');
    expect(asleep.get('frequency')).toBe('49.98 Hz');
    image.set(40_072 + 15, 0x8000);
    expect((await meter.read()).get('frequency')).toBe('bad not-available');
  });
});

test('a battery of two strings', async () => {
  const bank = {
    id: 802,
    values: {
      0: 200,
      1: 960,
      9: 653,
      12: 0,
      13: 412,
      14: 4,
      20: 3,
      32: 480,
      42: -105,
      45: -504,
      50: 0,
      51: 1,
      54: -1,
      57: 0,
      59: -1,
      61: 1,
    },
  };
  const strings = { id: 803, times: 2, values: { 0: 2, 1: 2, 2: 31, 21: 0, 24: -1, 30: 651, 62: 655 } };
  await using server = await playModbus(holdingImage(await composeImage([COMMON, bank, strings])));
  await using battery = await openSunSpec(server);
  expect(Object.fromEntries(await battery.read())).toMatchObject({
    'battery-state-of-charge': '65.3 %',
    'battery-cycles': '412 1',
    'battery-state': '4',
    'battery-voltage': '480 V',
    'battery-a': '-10.5 A',
    'battery-w': '-5040 W',
    'battery-operating-state': '3',
    'battery-bank-mod-tmp-max': '31 Cel',
    'battery-bank-string-1-state-of-charge': '65.1 %',
    'battery-bank-string-2-state-of-charge': '65.5 %',
  });
});
