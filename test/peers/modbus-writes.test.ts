import { expect, test } from 'vitest';
import type { PointWrite, Session } from '../../src/collect/driver.ts';
import type { Value } from '../../src/model/reading.ts';
import { startLibmodbusTcp } from '../support/libmodbus.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from '../support/modbus-session.ts';
import { testWith } from '../support/peers.ts';
import { exceptionPdu, honestPdu, playLine, type LineManner } from '../support/played-line.ts';

const never = new AbortController().signal;

async function write(session: Session, device: ModbusDevice, ...values: readonly Value[]): Promise<readonly string[]> {
  const writes = device.points.map((point, index): PointWrite => ({ point, value: values[index] ?? 0 }));
  if (session.write === undefined) throw new Error('modbus can write');
  return shown(device, await session.write(device, writes, never));
}

testWith('libmodbus', 'libmodbus holds what was written: coils, registers, long values, bits by a mask', async () => {
  await using server = await startLibmodbusTcp();
  const device = modbusDevice([
    { read: 'coil 0' },
    { read: 'coil 1' },
    { read: 'coil 9' },
    { read: 'holding 10', type: 'int16' },
    { read: 'holding 11', type: 'float32', order: 'CDAB' },
    { read: 'holding 20', type: 'uint64' },
    { read: 'holding 30', type: 'bits(4..7)' },
  ]);
  await using modbus = await openModbus(server, [device]);
  const written = await write(modbus.session, device, true, false, true, -7, 1.5, 2n ** 60n, 9);
  expect(written).toEqual([
    '0 good true',
    '1 good false',
    '9 good true',
    '10 good -7',
    '11 good 1.5',
    `20 good ${2n ** 60n}`,
    '30 good 9',
  ]);
  // Register 30 held 30, which is 0x1e: the other bits are as they were.
  const whole = modbusDevice([{ read: 'holding 30', type: 'uint16' }]);
  expect(shown(whole, await modbus.session.read(whole, whole.points, never))).toEqual(['30 good 158']);
});

testWith('libmodbus', 'what the device refuses to write is told with its exception', async () => {
  await using server = await startLibmodbusTcp();
  const device = modbusDevice([{ read: 'holding 500', type: 'uint16' }]);
  await using modbus = await openModbus(server, [device]);
  await expect(write(modbus.session, device, 1)).rejects.toMatchObject({
    code: 'device-refused',
    message: 'meter: holding 500: the device answers exception 2 (no such address)',
  });
});

/** A device on a line that lacks functions, and keeps registers in a map. */
function lacking(...codes: readonly number[]): { readonly manner: LineManner; readonly held: Map<number, number> } {
  const held = new Map<number, number>();
  const manner: LineManner = (asked, line) => {
    const { code, address, amount, pdu, unit } = asked;
    const answer = (reply: Buffer): void => line.send(line.frame(unit, reply));
    if (codes.includes(code)) return answer(exceptionPdu(asked, 1));
    if (code === 6) held.set(address, amount);
    if (code === 16)
      for (let index = 0; index < amount; index++) held.set(address + index, pdu.readUInt16BE(6 + index * 2));
    if (code === 6) return answer(pdu);
    if (code === 16) return answer(pdu.subarray(0, 5));
    const data = honestPdu(asked);
    for (let index = 0; index < amount; index++) data.writeUInt16BE(held.get(address + index) ?? 0xabcd, 2 + index * 2);
    answer(data);
  };
  return { manner, held };
}

test.each([
  ['one register where function 6 is missing', [6], { read: 'holding 3', type: 'uint16' }, 5, [6, 16, 3]],
  ['two registers where function 16 is missing', [16], { read: 'holding 3', type: 'uint32' }, 65_537, [16, 6, 6, 3]],
  ['bits where function 22 is missing', [22], { read: 'holding 3', type: 'bits(0..3)' }, 5, [22, 3, 6, 3]],
])('%s are written by other functions, and learned', async (...[, codes, point, value, functions]) => {
  const device = modbusDevice([point]);
  const { manner } = lacking(...codes);
  await using line = await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' }, manner);
  await using modbus = await openModbus({ port: 0 }, [device], { settings: line.settings });
  expect(await write(modbus.session, device, value)).toEqual([`3 good ${value}`]);
  expect(line.asked.map(({ code }) => code)).toEqual(functions);
  await write(modbus.session, device, value);
  expect(line.asked.slice(functions.length).map(({ code }) => code)).toEqual(functions.slice(1));
});

test('a write that nobody answers is never sent again, and said to be unknown', async () => {
  const device = modbusDevice([{ read: 'holding 3', type: 'uint16' }]);
  await using line = await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' }, () => undefined);
  const settings = { ...line.settings, timeout: '50ms', retries: 3 };
  await using modbus = await openModbus({ port: 0 }, [device], { settings });
  await expect(write(modbus.session, device, 1)).rejects.toMatchObject({
    code: 'no-answer',
    message: expect.stringContaining('it is not known whether it was written'),
  });
  expect(line.asked).toHaveLength(1);
});

test('a value that does not fit is told before anything is sent', async () => {
  const device = modbusDevice([
    { read: 'holding 3', type: 'uint16' },
    { read: 'holding 9', type: 'uint16' },
  ]);
  await using line = await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' });
  await using modbus = await openModbus({ port: 0 }, [device], { settings: line.settings });
  await expect(write(modbus.session, device, 1, 70_000)).rejects.toMatchObject({ code: 'usage' });
  expect(line.asked).toHaveLength(0);
});

test('a scaled value is written as the register beside its scale factor wants it', async () => {
  const device = modbusDevice([
    { read: 'holding 5', type: 'int16' },
    { read: 'holding 3', type: 'uint16', scaleFrom: 'holding-5' },
  ]);
  const { manner, held } = lacking();
  held.set(5, 0xffff); // 10^-1
  await using line = await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' }, manner);
  await using modbus = await openModbus({ port: 0 }, [device], { settings: line.settings });
  const [, point] = device.points;
  if (point === undefined || modbus.session.write === undefined)
    throw new Error('a second point, and a way to write it');
  await modbus.session.write(device, [{ point, value: 23.5 }], never);
  expect(held.get(3)).toBe(235);
});
