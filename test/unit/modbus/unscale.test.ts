import { describe, expect, test } from 'vitest';
import { unscale } from '../../../drivers/modbus/unscale.ts';
import { badReading, type Reading, type Value } from '../../../src/model/reading.ts';
import { modbusDevice } from '../../support/modbus-session.ts';

const SETPOINT = { read: 'holding 0', type: 'int64', scaleFrom: 'holding-4' };
const FACTOR = { read: 'holding 4', type: 'int16' };

/** What is written for `value` when the device's scale factor is `factor`, or why there is none. */
async function written(value: Value, factor: number | undefined): Promise<Value | undefined> {
  const device = modbusDevice([SETPOINT, FACTOR]);
  const writes = device.points.slice(0, 1).map((point) => ({ point, value }));
  const [write] = await unscale(device, writes, (points) =>
    Promise.resolve(
      points.map(({ number }): Reading => {
        if (factor === undefined) return badReading(number, 'refused', 0);
        return { point: number, sourceTime: null, receivedTime: 0, quality: 'good', value: factor };
      }),
    ),
  );
  return write?.value;
}

describe('a value to be written is divided by its scale factor', () => {
  test.each<[Value, number, Value]>([
    [230.1, -1, 2_301],
    [0.29, -2, 29],
    [1.005, -3, 1_005],
    [1e-7, -10, 1_000],
    [50_000, 2, 500],
    [9_007_199_254_740_993n, 0, 9_007_199_254_740_993n],
    [9_007_199_254_740_993_000n, 3, 9_007_199_254_740_993n],
    [900_719_925_474_099_312n, -1, 9_007_199_254_740_993_120n],
    [true, 1, true],
  ])('%s with %i is %s', async (value, factor, raw) => {
    expect(await written(value, factor)).toBe(raw);
  });

  test('and stays what it is where the device cannot hold it', async () => {
    expect(await written(230.15, -1)).toBe(2_301.5);
  });
});

test.each([[undefined], [-0x8000], [40]])('with a scale factor of %s nothing is written', async (factor) => {
  await expect(written(1, factor)).rejects.toMatchObject({ code: 'device-refused' });
});

test('where nothing is scaled nothing is read', async () => {
  const device = modbusDevice([FACTOR]);
  const writes = device.points.map((point) => ({ point, value: 7 }));
  expect(await unscale(device, writes, () => Promise.reject(new Error('nothing to read')))).toBe(writes);
});
