import { describe, expect, test } from 'vitest';
import { deviceSchema } from '../../drivers/modbus/schema.ts';
import type { PointWrite, Session } from '../../src/collect/driver.ts';
import type { Value } from '../../src/model/reading.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startLibmodbusTcp } from '../support/libmodbus.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from '../support/modbus-session.ts';
import { testWith } from '../support/peers.ts';
import { passing } from '../support/timing-out.ts';
import { exceptionPdu, honestLine, honestPdu, playLine, type LineManner } from '../support/played-line.ts';

const never = new AbortController().signal;
const UNKNOWN = /; it may have been written all the same, or be written yet: read it before you write it again$/;

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
    message: expect.stringMatching(UNKNOWN),
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

test.each([
  [5, 'accepted, and takes a while'],
  [10, 'the gateway has no path to the unit'],
  [11, 'the unit does not answer the gateway'],
])('exception %i to a write leaves open what became of it: it is not repeated', async (code, words) => {
  const device = modbusDevice([{ read: 'holding 3', type: 'uint16' }]);
  await using line = await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' }, (asked, far) =>
    far.send(far.frame(asked.unit, exceptionPdu(asked, code))),
  );
  await using modbus = await openModbus({ port: 0 }, [device], { settings: { ...line.settings, retries: 3 } });
  const failure: unknown = await write(modbus.session, device, 1).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'no-answer', message: expect.stringMatching(UNKNOWN) });
  expect(failure).toMatchObject({ message: expect.stringContaining(`exception ${code} (${words})`) });
  expect(line.asked).toHaveLength(1);
});

test('a write that waits for older answers in vain is never sent, and said to be so', async () => {
  const device = modbusDevice([{ read: 'holding 3', type: 'uint16' }]);
  await using line = await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' }, () => undefined);
  const settings = { ...line.settings, timeout: '50ms', retries: 0 };
  await using modbus = await openModbus({ port: 0 }, [device], { settings });
  await expect(write(modbus.session, device, 1)).rejects.toMatchObject({ message: expect.stringMatching(UNKNOWN) });
  await expect(write(modbus.session, device, 1)).rejects.toMatchObject({
    code: 'no-answer',
    message: expect.stringMatching(/nothing was sent$/),
  });
  expect(line.asked.map(({ code }) => code)).toEqual([6, 3]);
});

describe('to unit 0 of a line', () => {
  const all = { id: 'all', settings: deviceSchema.parse({ unit: 0 }) };
  const spread = { ...modbusDevice([{ read: 'coil 3' }, { read: 'holding 5', type: 'uint32' }], {}, 'all'), ...all };
  const meter = modbusDevice([{ read: 'holding 9', type: 'uint16' }]);
  const writes = spread.points.map((point, index) => ({ point, value: [true, 70_000][index] ?? 0 }));

  async function openLine() {
    const stack = new AsyncDisposableStack();
    const clock = new FakeClock();
    const asked: string[] = [];
    const times: number[] = [];
    const line = stack.use(
      await playLine({ transport: 'rtu-over-tcp', framing: 'rtu' }, (request, far) => {
        asked.push(`${request.unit}: ${request.pdu.toString('hex')}`);
        times.push(clock.monotonic());
        if (request.unit > 0) honestLine(request, far);
      }),
    );
    const modbus = stack.use(await openModbus({}, [meter], { clock, settings: line.settings }));
    if (modbus.session.write === undefined) throw new Error('modbus can write');
    const broadcast = modbus.session.write.bind(modbus.session, spread);
    return { clock, line, modbus, broadcast, asked, times, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test('nobody answers: it is written once, not read back and not confirmed', async () => {
    await using opened = await openLine();
    const written = await passing(opened.broadcast(writes, never), opened.clock);
    expect(shown(spread, written)).toEqual(['3 bad no-answer', '5 bad no-answer']);
    expect(opened.asked).toEqual(['0: 050003ff00', '0: 10000500020400011170']);
    expect(opened.modbus.observed).toEqual([]);
  });

  test('the units get 100 ms to digest it, also when whoever wrote has gone away', async () => {
    await using opened = await openLine();
    const leaving = new AbortController();
    const broadcast = opened.broadcast(writes.slice(0, 1), leaving.signal);
    await opened.line.untilAsked(1);
    leaving.abort(new Error('gone'));
    await expect(broadcast).rejects.toThrow('gone');
    expect(shown(meter, await passing(opened.modbus.read(meter), opened.clock))).toEqual(['9 good 9']);
    const [told = NaN, asked = NaN] = opened.times;
    expect(asked - told).toBeGreaterThanOrEqual(100);
  });

  test('what is scaled by a register cannot be written: nobody would say by which power', async () => {
    await using opened = await openLine();
    const factor = { read: 'holding 5', type: 'int16' };
    const points = [{ read: 'holding 3', type: 'uint16', scaleFrom: 'holding-5' }, factor];
    const scaled = { ...modbusDevice(points, {}, 'all'), ...all };
    const [point] = scaled.points;
    if (point === undefined) throw new Error('two points');
    await expect(opened.modbus.session.write?.(scaled, [{ point, value: 1 }], never)).rejects.toMatchObject({
      code: 'usage',
      message: 'all: nobody answers a broadcast, so that no scale factor can be read',
    });
    expect(opened.asked).toEqual([]);
  });
});

testWith('libmodbus', 'over TCP unit 0 is the device itself: what is written is read back', async () => {
  await using server = await startLibmodbusTcp();
  const device = modbusDevice([{ read: 'holding 3', type: 'uint16' }], { unit: 0 });
  await using modbus = await openModbus(server, [device]);
  expect(await write(modbus.session, device, 77)).toEqual(['3 good 77']);
});
