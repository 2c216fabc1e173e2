import { describe, expect, test } from 'vitest';
import type { DiscoveredPoint } from '../../../src/collect/driver.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { discoverPoints } from '../../../drivers/modbus/sunspec/discover.ts';
import type { AskRegisters } from '../../../drivers/modbus/sunspec/registers.ts';
import { randomNumbers } from '../../support/random-numbers.ts';
import { askImage, composeImage, readImage, type ComposedModel } from '../../support/sunspec-device.ts';

type Settings = { readonly models?: readonly number[]; readonly base?: number; readonly maxWords?: number };

async function discover(
  source: readonly ComposedModel[] | AskRegisters,
  settings: Settings = {},
): Promise<{ readonly points: readonly DiscoveredPoint[]; readonly remarks: readonly string[] }> {
  const remarks: string[] = [];
  const ask = typeof source === 'function' ? source : askImage(await composeImage(source)).ask;
  const device = { id: 'inverter', settings: { base: 0, maxWords: 125, ...settings } };
  return { points: await discoverPoints(device, ask, (text) => remarks.push(text)), remarks };
}

async function names(models: readonly ComposedModel[], settings: Settings = {}): Promise<readonly string[]> {
  return (await discover(models, settings)).points.map(({ name }) => name);
}

const COMMON: ComposedModel = { id: 1, values: { 0: 'Sonne AG', 16: 'Dach 10', 40: '1.2', 48: 'A-77' } };
// Offsets of the standard: A 0, A_SF 4, PhVphA 8, V_SF 11, W 12, W_SF 13, Hz 14, Hz_SF 15, WH 22, WH_SF 24, St 36, Evt1 38.
const INVERTER: ComposedModel = {
  id: 101,
  values: {
    0: 217,
    1: 217,
    4: -1,
    8: 2301,
    11: -1,
    12: 4_980,
    13: 0,
    14: 4_999,
    15: -2,
    22: 1,
    23: 2,
    24: 0,
    36: 4,
    38: 0,
    39: 0,
  },
};

describe('the points of an inverter', () => {
  test('are those that it has, by their quantities where there is one', async () => {
    expect(await names([COMMON, INVERTER])).toEqual([
      'manufacturer',
      'model',
      'firmware-version',
      'serial-number',
      'current-sum',
      'current-l1',
      'voltage-l1',
      'generated-power',
      'frequency',
      'generated-energy',
      'operating-state',
      'device-errors',
    ]);
  });

  test('say where they lie, what scales them and what their values mean', async () => {
    const { points } = await discover([COMMON, INVERTER]);
    const byName = new Map(points.map((point) => [point.name, point]));
    expect(byName.get('voltage-l1')).toEqual({
      name: 'voltage-l1',
      address: {
        read: { table: 'holding', address: 40_080 },
        type: { name: 'uint16', words: 1 },
        order: 'ABCD',
        absent: { value: 0xffff },
        factor: { address: 40_083, shift: 0 },
      },
      unit: 'V',
      quantity: 'voltage-l1',
      obis: '1-0:32.7.0',
    });
    expect(byName.get('generated-energy')).toMatchObject({
      address: { type: { name: 'uint32' }, factor: { address: 40_096, shift: -3 } },
      unit: 'kW.h',
      kind: 'counter',
    });
    expect(byName.get('operating-state')).toMatchObject({ kind: 'state', labels: { 4: 'mppt', 6: 'shutting down' } });
    expect(byName.get('device-errors')).toMatchObject({
      labels: { 1: 'ground fault', 128: 'over temp', 32_768: 'hw test failure' },
    });
    expect(byName.get('serial-number')).toMatchObject({
      address: { type: { name: 'string', characters: 32 } },
      every: 3_600_000,
    });
  });

  test('stay when it sleeps, for what the standard demands of it', async () => {
    expect(await names([COMMON, { id: 101, values: { 4: -1, 11: -1, 13: 0, 15: -2, 24: 0 } }])).toEqual(
      expect.arrayContaining(['current-sum', 'voltage-l1', 'generated-power', 'frequency', 'generated-energy']),
    );
  });

  test('are not there where their scale factor is not', async () => {
    expect(await names([{ id: 101, values: { ...INVERTER.values, 11: 0x8000 } }])).not.toContain('voltage-l1');
  });

  test('as floats need no scale factor; a NaN is not there', async () => {
    const { points } = await discover([
      { id: 111, values: { 0: { float: 21.7 }, 8: { float: 400 }, 30: { float: 1_000_000 } } },
    ]);
    expect(points.map(({ name }) => name)).toContain('voltage-l1-l2');
    expect(points.map(({ name }) => name)).not.toContain('inverter-dcv');
    expect(points.find(({ name }) => name === 'generated-energy')).toMatchObject({
      address: { type: { name: 'float32' }, absent: 'not-a-number' },
      scale: 0.001,
      unit: 'kW.h',
    });
  });
});

test('power factors in percent become ratios', async () => {
  const { points } = await discover([{ id: 103, values: { 20: -9_950, 21: -2 } }]);
  expect(points.find(({ quantity }) => quantity === 'power-factor')).toMatchObject({
    address: { factor: { shift: -2 } },
  });
});

test('meters beside an inverter are numbered; the first meter of a meter needs no name', async () => {
  const meter: ComposedModel = { id: 203, values: { 16: 100, 20: 0, 52: 0 } };
  expect(await names([INVERTER, meter, meter])).toEqual(
    expect.arrayContaining([
      'generated-power',
      'meter-active-power',
      'meter-2-active-power',
      'meter-2-active-energy-import',
    ]),
  );
  expect(await names([meter])).toContain('active-power');
});

function module(offset: number): Readonly<Record<number, number>> {
  return { [offset + 9]: 52, [offset + 10]: 610 };
}

test('groups are numbered, as often as the length of the model allows', async () => {
  const mppt = { id: 160, times: 2, values: { 0: -1, 1: 0, ...module(8), ...module(28) } };
  expect(await names([INVERTER, mppt])).toEqual(
    expect.arrayContaining(['mppt-module-1-pv-current', 'mppt-module-1-pv-voltage', 'mppt-module-2-pv-voltage']),
  );
  // Half a module at the end is no module.
  expect(await names([INVERTER, { ...mppt, length: 40 }])).not.toContain('mppt-module-2-pv-voltage');
});

test('nested groups are as many as their counts say, and no more than the length holds', async () => {
  // Model 705: NPt 3, NCrv 4, V_SF 10, DeptRef_SF 11, RspTms_SF 12; a curve has ten registers and two for each point.
  const values = { 3: 2, 4: 2, 10: 0, 11: 0, 12: 0, 13: 2, 23: 92, 24: 30, 25: 98, 27: 2, 37: 91 };
  const curves = await names([{ id: 705, times: 2, values }], { models: [705] });
  expect(curves).toEqual(
    expect.arrayContaining([
      'der-volt-var-crv-1-act-pt',
      'der-volt-var-crv-1-pt-1-v',
      'der-volt-var-crv-1-pt-1-var',
      'der-volt-var-crv-1-pt-2-v',
      'der-volt-var-crv-2-pt-1-v',
    ]),
  );
  const liar = await discover([{ id: 705, times: 2, values: { ...values, 3: 60_000, 4: 60_000 } }], { models: [705] });
  expect(liar.points.length).toBeLessThan(40);
});

describe('which models are read', () => {
  const device: readonly ComposedModel[] = [
    COMMON,
    INVERTER,
    { id: 120, values: { 0: 4, 1: 5_000, 2: 0 } },
    { id: 121, values: { 0: 5_000, 20: 0 } },
    { id: 126, times: 1, values: { 0: 1, 5: 1, 6: 4 } },
  ];

  test('measurements with every poll, ratings and settings now and then, curves not at all', async () => {
    const { points } = await discover(device);
    expect(points.find(({ name }) => name === 'generated-power')).not.toHaveProperty('every');
    expect(points.find(({ name }) => name === 'nameplate-rated-power')).toMatchObject({ every: 3_600_000 });
    expect(points.find(({ name }) => name === 'settings-w-max')).toMatchObject({ every: 600_000 });
    expect(points.filter(({ name }) => name.startsWith('volt-var'))).toEqual([]);
  });

  test('or just those that the configuration names', async () => {
    expect(await names(device, { models: [126] })).toEqual(expect.arrayContaining(['volt-var-act-crv']));
    expect((await names(device, { models: [126] })).filter((name) => name.includes('power'))).toEqual([]);
    await expect(discover(device, { models: [160] })).rejects.toMatchObject({
      code: 'device-undescribed',
      message: 'inverter has SunSpec: models 1, 101, 120, 121, 126, but nothing to read in them',
    });
  });

  test('a password is no point', async () => {
    expect(await names([{ id: 14, values: { 28: 'operator', 40: 'secret' } }], { models: [14] })).toEqual(
      expect.not.arrayContaining([expect.stringContaining('pw')]),
    );
  });
});

test('a device that counts from 1 gets its addresses as it counts', async () => {
  const { points } = await discover([INVERTER], { base: 1 });
  expect(points[0]).toMatchObject({ address: { read: { address: 40_005 }, factor: { address: 40_009 } } });
});

test('no request is longer than maxWords, and what is refused is asked for in halves', async () => {
  const image = new Map(await composeImage([{ ...INVERTER, id: 103 }]));
  image.delete(40_004 + 30); // DCW_SF
  const { ask, asked } = askImage(image);
  const { points } = await discover(ask, { maxWords: 40 });
  expect(Math.max(...asked.map(({ count }) => count))).toBe(40);
  expect(points.map(({ name }) => name)).toEqual(expect.arrayContaining(['generated-power', 'operating-state']));
  expect(asked.length).toBeLessThan(25);
});

describe('a device that means no good', () => {
  test('has no more points than anybody wants, and says why', async () => {
    // Model 160 with 60 000 registers would be 3 000 modules.
    const image = await composeImage([INVERTER], { base: 0, end: [160, 60_000] });
    const ask: AskRegisters = (_, address, count) =>
      Promise.resolve(address < 57 ? (readImage(image, address, count) ?? 'refused') : Buffer.alloc(count * 2, 1));
    const { points, remarks } = await discover(ask);
    expect(points.length).toBeLessThan(50);
    expect(remarks).toContain('SunSpec: model 160 and what follows is left out: more registers than any device has');
  });

  test('refusing all it claims to have, it is given up', async () => {
    const image = await composeImage([{ id: 103 }], { end: [] });
    let requests = 0;
    const ask: AskRegisters = (_, address, count) => {
      requests += 1;
      return Promise.resolve(
        count > 4 || address > 40_004 ? 'refused' : (readImage(image, address, count) ?? 'refused'),
      );
    };
    await expect(discover(ask)).rejects.toMatchObject({ code: 'device-undescribed' });
    expect(requests).toBeLessThan(150);
  });
});

test('whatever a device holds, its description ends within bounds, under names of their own', async () => {
  const random = randomNumbers(1_547);
  const sound = await composeImage([
    COMMON,
    INVERTER,
    { id: 160, times: 3 },
    { id: 705, times: 2 },
    { id: 803, times: 2 },
  ]);
  for (let round = 0; round < 500; round++) {
    const image = new Map(sound);
    for (let hits = 1 + random.below(20); hits > 0; hits--) {
      const address = 40_002 + random.below(sound.size - 2);
      if (random.below(4) === 0) image.delete(address);
      else image.set(address, random.below(2) === 0 ? random.below(0x1_0000) : random.below(900));
    }
    const { ask, asked } = askImage(image);
    const points = await discover(ask, { models: [1, 101, 160, 705, 803] }).then(
      (found) => found.points,
      (error: unknown) => (error instanceof GatewayError ? [] : Promise.reject(error)),
    );
    expect(new Set(points.map(({ name }) => name)).size).toBe(points.length);
    expect(asked.length).toBeLessThan(400);
  }
});

test('without a marker there is nothing described', async () => {
  await expect(discover(() => Promise.resolve('refused'))).rejects.toMatchObject({
    code: 'device-undescribed',
    message: 'inverter has no SunSpec marker at holding or input 40000, 50000 or 0',
  });
});
