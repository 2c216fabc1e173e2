import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { modbus } from '../../drivers/modbus/driver.ts';
import { rtuFraming } from '../../drivers/modbus/rtu-framing.ts';
import { tcpFraming } from '../../drivers/modbus/tcp-framing.ts';
import type { SimulatedFault } from '../../src/collect/simulation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { modbusDevice } from '../support/modbus-session.ts';

const FAULTY = 3;
const HEALTHY = 4;
const READ = Buffer.from('0300000001', 'hex'); // holding 0

const framings = { tcp: tcpFraming, 'rtu-over-tcp': rtuFraming } as const;
type Transport = keyof typeof framings;

type Fault = Pick<SimulatedFault, 'kind'> & Partial<SimulatedFault>;

/** Two meters of which one has the fault, and a client that sees every byte. */
async function faulty(fault: Fault | undefined, transport: Transport = 'rtu-over-tcp') {
  const stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const devices = [FAULTY, HEALTHY].map((unit) => ({
    device: modbusDevice([{ read: 'holding 0', type: 'string(2)' }], { unit }, 'meter'),
    points: new Map(),
  }));
  const end = { transport, host: '127.0.0.1', port: 0 };
  const faults = fault === undefined ? [] : [{ unit: FAULTY, rate: 1, value: undefined, ...fault }];
  const simulation = await modbus.simulate?.(devices, { clock, end, faults });
  if (simulation?.address === undefined) throw new Error('it listens on the network');
  stack.use(simulation);
  const socket = connect(simulation.address.port, simulation.address.host);
  stack.defer(() => void socket.destroy());
  await once(socket, 'connect');
  const encode = (unit: number): Buffer => framings[transport].encode({ transaction: 7, unit, pdu: READ });
  return { clock, socket, encode, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends requests, and resolves with the first `count` bytes that come back. */
async function ask(socket: Socket, requests: readonly Buffer[], count: number): Promise<Buffer> {
  for (const request of requests) socket.write(request);
  let heard: Buffer = Buffer.alloc(0);
  while (heard.length < count) heard = Buffer.concat([heard, ...(await once(socket, 'data'))]);
  return heard;
}

function answer(unit: number, transport: Transport = 'rtu-over-tcp'): Buffer {
  const pdu = Buffer.concat([Buffer.of(3, 2), Buffer.from('me')]); // a text holds the beginning of its id
  return framings[transport].encode({ transaction: 7, unit, pdu });
}

function differingBits(one: Buffer, other: Buffer): number {
  return one.reduce((sum, byte, index) => sum + (byte ^ (other[index] ?? 0)).toString(2).replaceAll('0', '').length, 0);
}

function wholeFrames(bytes: Buffer, transport: Transport): number {
  const { found } = framings[transport].cut(bytes, () => 1 + 4); // unit, function, length and two bytes
  return found.filter(({ kind }) => kind === 'frame').length;
}

test.each<Transport>(['tcp', 'rtu-over-tcp'])('without a fault both answer, %s', async (transport) => {
  await using simulated = await faulty(undefined, transport);
  const expected = Buffer.concat([answer(FAULTY, transport), answer(HEALTHY, transport)]);
  const requests = [simulated.encode(FAULTY), simulated.encode(HEALTHY)];
  expect(await ask(simulated.socket, requests, expected.length)).toEqual(expected);
});

test('silent: nothing comes back, and the other unit answers', async () => {
  await using simulated = await faulty({ kind: 'silent' });
  const expected = answer(HEALTHY);
  const requests = [simulated.encode(FAULTY), simulated.encode(HEALTHY)];
  expect(await ask(simulated.socket, requests, expected.length)).toEqual(expected);
});

test.each([
  [undefined, 2_000],
  [350, 350],
])('slow: the answer comes late, %s', async (value, milliseconds) => {
  await using simulated = await faulty({ kind: 'slow', value });
  const expected = answer(FAULTY);
  const heard = ask(simulated.socket, [simulated.encode(FAULTY)], expected.length);
  await simulated.clock.untilPending();
  await simulated.clock.advance(milliseconds - 1);
  expect([simulated.socket.bytesRead, simulated.clock.pending]).toEqual([0, 1]);
  await simulated.clock.advance(1);
  expect(await heard).toEqual(expected);
});

test.each<Transport>(['tcp', 'rtu-over-tcp'])(
  'checksum: one bit is wrong, where a client must notice, %s',
  async (transport) => {
    await using simulated = await faulty({ kind: 'checksum' }, transport);
    const right = answer(FAULTY, transport);
    const heard = await ask(simulated.socket, [simulated.encode(FAULTY)], right.length);
    expect(differingBits(heard, right)).toBe(1);
    expect([wholeFrames(right, transport), wholeFrames(heard, transport)]).toEqual([1, 0]);
  },
);

test.each([
  [undefined, 4],
  [6, 6],
])('exception: the device refuses, %s', async (value, code) => {
  await using simulated = await faulty({ kind: 'exception', value });
  const expected = rtuFraming.encode({ transaction: 0, unit: FAULTY, pdu: Buffer.of(0x83, code) });
  expect(await ask(simulated.socket, [simulated.encode(FAULTY)], expected.length)).toEqual(expected);
});

test('reset: the connection ends in the middle of the answer', async () => {
  await using simulated = await faulty({ kind: 'reset' });
  const ended = once(simulated.socket, 'end');
  const heard = await ask(simulated.socket, [simulated.encode(FAULTY)], 1);
  await ended;
  expect(heard).toEqual(answer(FAULTY).subarray(0, heard.length));
  expect(heard.length).toBeLessThan(answer(FAULTY).length);
});

test('noise: the answer is whole, between bytes that are none', async () => {
  await using simulated = await faulty({ kind: 'noise' });
  const right = answer(FAULTY);
  const heard = await ask(simulated.socket, [simulated.encode(FAULTY)], right.length + 10);
  expect(heard.indexOf(right)).toBe(5);
  expect(heard.length).toBe(right.length + 10);
});

test('echo: the request comes back before the answer, as from an adapter that hears itself', async () => {
  await using simulated = await faulty({ kind: 'echo' });
  const expected = Buffer.concat([simulated.encode(FAULTY), answer(FAULTY)]);
  expect(await ask(simulated.socket, [simulated.encode(FAULTY)], expected.length)).toEqual(expected);
});

test('a fault strikes as often as its rate says, and for all units where it names none', async () => {
  await using simulated = await faulty({ kind: 'exception', rate: 0.5, unit: undefined });
  let exceptions = 0;
  for (let count = 0; count < 400; count++) {
    const unit = count % 2 === 0 ? FAULTY : HEALTHY;
    const heard = await ask(simulated.socket, [simulated.encode(unit)], 5);
    if (heard.readUInt8(1) === 0x83) exceptions += 1;
  }
  // 200 are due; being 60 off, six standard deviations, happens once in five hundred million runs.
  expect(Math.abs(exceptions - 200)).toBeLessThan(60);
});
