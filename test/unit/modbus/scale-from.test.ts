import { describe, expect, test } from 'vitest';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { pointSchema } from '../../../drivers/modbus/schema.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from '../../support/modbus-session.ts';
import { playModbus } from '../../support/played-modbus.ts';
import { exceptionTo, playPdus } from '../../support/played-pdus.ts';
import { holdingImage, readImage, type RegisterImage } from '../../support/sunspec-device.ts';

function registers(...content: readonly number[]): RegisterImage {
  return new Map(content.map((value, index) => [index, value & 0xffff]));
}

/** What is read of a device that holds `image`, one line a point. */
async function read(device: ModbusDevice, image: RegisterImage, points = device.points): Promise<readonly string[]> {
  await using server = await playModbus(holdingImage(image));
  await using session = await openModbus(server, [device]);
  return shown(device, await session.session.read(device, points, new AbortController().signal));
}

const VOLTAGE = { read: 'holding 0', type: 'uint16', scaleFrom: 'holding-1' };
const FACTOR = { read: 'holding 1', type: 'int16' };

describe('a value is multiplied by the power of ten that another point of its device holds', () => {
  test.each([
    [2_301, -1, '230.1'],
    [2_301, 0, '2301'],
    [2_301, 3, '2301000'],
    [1, -10, '1e-10'],
    [0, -2, '0'],
  ])('%i with %i is %s', async (value, factor, scaled) => {
    const device = modbusDevice([VOLTAGE, FACTOR]);
    expect(await read(device, registers(value, factor))).toEqual([`0 good ${scaled}`, `1 good ${factor}`]);
  });

  test('64 bits stay exact', async () => {
    const device = modbusDevice([
      { read: 'holding 0', type: 'uint64', scaleFrom: 'holding-4' },
      { read: 'holding 4', type: 'int16' },
    ]);
    const most = [0xffff, 0xffff, 0xffff, 0xfffe];
    expect(await read(device, registers(...most, 0))).toContain('0 good 18446744073709551614');
    expect(await read(device, registers(...most, 1))).toContain('0 good 184467440737095516140');
    expect(await read(device, registers(0, 0, 0xffff, 0xffff, -3))).toContain('0 good 4294967.295');
  });

  test('which is read along when only the value is asked for, in the same request', async () => {
    const device = modbusDevice([VOLTAGE, FACTOR]);
    await using server = await playModbus(holdingImage(registers(2_301, -1)));
    await using session = await openModbus(server, [device]);
    const readings = await session.session.read(device, device.points.slice(0, 1), new AbortController().signal);
    expect(shown(device, readings)).toEqual(['0 good 230.1']);
    expect(server.asked).toMatchObject([{ address: 0, amount: 2 }]);
  });

  test('and may lie far away, before or after', async () => {
    const device = modbusDevice([
      { read: 'holding 500', type: 'uint16', scaleFrom: 'holding-0' },
      { read: 'holding 0', type: 'int16' },
      { read: 'holding 100', type: 'uint16', scaleFrom: 'holding-900' },
      { read: 'holding 900', type: 'int16' },
    ]);
    const image = new Map([
      [500, 17],
      [0, 1],
      [100, 17],
      [900, 2],
    ]);
    expect(await read(device, image)).toEqual(['500 good 170', '0 good 1', '100 good 1700', '900 good 2']);
  });
});

describe('a value without its scale factor is no value', () => {
  test.each([
    ['refused', registers(2_301), 'bad refused'],
    ['marked as not implemented', registers(2_301, -0x8000), 'bad not-available'],
    ['no power of ten', registers(2_301, 99), 'bad type-mismatch'],
  ])('when it is %s', async (_, image, shownAs) => {
    expect((await read(modbusDevice([VOLTAGE, FACTOR]), image))[0]).toBe(`0 ${shownAs}`);
  });

  test('and what needs none is read all the same', async () => {
    const device = modbusDevice([VOLTAGE, FACTOR, { read: 'holding 2', type: 'uint16' }]);
    const image = new Map([
      [0, 2_301],
      [2, 7],
    ]);
    expect(await read(device, image)).toEqual(['0 bad refused', '1 bad refused', '2 good 7']);
  });
});

function plan(points: readonly object[]): unknown {
  const device = modbusDevice(points);
  return modbus.plan?.(modbus.schemas.connection.parse({ host: '127.0.0.1' }), device, device.points);
}

describe('the configuration is told', () => {
  test('of a scale factor that there is not', () => {
    expect(() => plan([VOLTAGE])).toThrow('meter/holding-0: scaleFrom: no point holding-1');
  });

  test.each([
    ['float32', { read: 'holding 1', type: 'float32' }],
    ['string', { read: 'holding 1', type: 'string(2)' }],
  ])('of one that is no integer but %s', (type, factor) => {
    expect(() => plan([VOLTAGE, factor])).toThrow(`holding-1 is ${type}, a power of ten is an integer such as int16`);
  });

  test.each([{ read: 'coil 1' }, { read: 'holding 1', type: 'string(4)' }, { read: 'holding 1', type: 'bool' }])(
    'that %o is nothing to scale',
    (point) => {
      expect(pointSchema.safeParse({ ...point, scaleFrom: 'x' }).error?.issues).toMatchObject([
        { path: ['scaleFrom'], message: 'has no meaning for what is no number' },
      ]);
    },
  );

  test('what a round costs: a scale factor is no point of it', () => {
    expect(plan([VOLTAGE, FACTOR])).toMatchObject({
      requests: [expect.stringContaining('holding 0..1 (2 registers, 2 points)')],
    });
  });
});

test('scaled values are floats for those who are told', () => {
  expect(modbus.describe(pointSchema.parse(VOLTAGE)).type).toBe('float64');
});

/** A device that holds what is written to it, one register at a time. */
function keep(image: Map<number, number>): (pdu: Buffer) => Buffer {
  return (pdu) => {
    const [address, amount] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
    if (pdu.readUInt8(0) === 6) {
      image.set(address, amount);
      return pdu;
    }
    const bytes = readImage(image, address, amount);
    return bytes === undefined ? exceptionTo(pdu, 2) : Buffer.concat([Buffer.of(3, bytes.length), bytes]);
  };
}

describe('a value to be written', () => {
  test('is divided by its scale factor, and read back multiplied with it', async () => {
    const image = new Map(registers(0, -1));
    const device = modbusDevice([VOLTAGE, FACTOR]);
    await using server = await playPdus(keep(image));
    await using session = await openModbus(server, [device]);
    expect(shown(device, await session.write(device, [230.1]))).toEqual(['0 good 230.1']);
    expect(image.get(0)).toBe(2_301);
  });

  test('is not written where its scale factor cannot be had', async () => {
    const image = new Map([[0, 7]]);
    const device = modbusDevice([VOLTAGE, FACTOR]);
    await using server = await playPdus(keep(image));
    await using session = await openModbus(server, [device]);
    await expect(session.write(device, [230.1])).rejects.toMatchObject({ code: 'device-refused' });
    expect(image.get(0)).toBe(7);
  });
});
