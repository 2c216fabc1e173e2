import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { modbusDevice, openModbus, shown } from '../support/modbus-session.ts';
import { honest, honestFrame, playModbus, silent, type AskedFrame, type Manner } from '../support/played-modbus.ts';
import { timingOut } from '../support/timing-out.ts';

// Every register of the server holds its own address, so that any mix-up of answers shows as a value.
const meter = modbusDevice([
  { read: 'holding 100', type: 'uint16' },
  { read: 'holding 101', type: 'uint16' },
]);
const GOOD = ['100 good 100', '101 good 101'];

function bad(reason: string): readonly string[] {
  return [`100 bad ${reason}`, `101 bad ${reason}`];
}

function changed(asked: AskedFrame, change: (frame: Buffer) => void): Buffer {
  const frame = honestFrame(asked);
  change(frame);
  return frame;
}

function sends(make: (asked: AskedFrame) => Buffer): Manner {
  return (asked, socket) => {
    socket.write(make(asked));
  };
}

describe('an answer that cannot be ours is bad at once, and the next poll is good:', () => {
  test.each<[string, string, string, Manner]>([
    ['another unit', 'foreign-answer', 'foreign-frame', sends((asked) => honestFrame({ ...asked, unit: 9 }))],
    ['another function', 'foreign-answer', 'foreign-frame', sends((asked) => honestFrame({ ...asked, code: 4 }))],
    [
      'a transaction to come',
      'foreign-answer',
      'foreign-frame',
      sends((asked) => honestFrame({ ...asked, transaction: (asked.transaction + 1) & 0xffff })),
    ],
    [
      'too few registers',
      'malformed-answer',
      'malformed-frame',
      sends((asked) => honestFrame({ ...asked, amount: 1 })),
    ],
    [
      'too many registers',
      'malformed-answer',
      'malformed-frame',
      sends((asked) => honestFrame({ ...asked, amount: 3 })),
    ],
    [
      'a byte count that is not the length',
      'malformed-answer',
      'malformed-frame',
      sends((asked) => changed(asked, (frame) => frame.writeUInt8(6, 8))),
    ],
    [
      'protocol id 1',
      'malformed-answer',
      'malformed-frame',
      sends((asked) => changed(asked, (frame) => frame.writeUInt16BE(1, 2))),
    ],
    [
      'length 65535',
      'malformed-answer',
      'malformed-frame',
      sends((asked) => changed(asked, (frame) => frame.writeUInt16BE(0xffff, 4))),
    ],
    ['garbage', 'malformed-answer', 'malformed-frame', sends(() => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ])('%s', async (_, reason, event, manner) => {
    await using server = await playModbus(manner);
    await using modbus = await openModbus(server, [meter]);
    expect(shown(meter, await modbus.read(meter))).toEqual(bad(reason));
    expect(modbus.observed).toMatchObject([{ event, device: 'meter' }]);
    server.manner = honest;
    expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
    expect(server.connections).toBe(2);
  });
});

describe('an answer that does not come in time is bad, and the next poll is good:', () => {
  test.each<[string, (clock: FakeClock) => Manner]>([
    ['silence', () => silent],
    ['half an answer', () => sends((asked) => honestFrame(asked).subarray(0, 10))],
    ['one byte every 400 ms', (clock) => (asked, socket) => trickle(honestFrame(asked), socket, { clock, every: 400 })],
    ['one byte a second', (clock) => (asked, socket) => trickle(honestFrame(asked), socket, { clock, every: 1_000 })],
    [
      'half an answer, from a far end that takes nothing more either',
      () => (asked, socket) => {
        socket.pause();
        socket.write(honestFrame(asked).subarray(0, 10));
      },
    ],
  ])('%s', async (_, manner) => {
    const clock = new FakeClock();
    await using server = await playModbus(manner(clock));
    await using modbus = await openModbus(server, [meter], { clock });
    expect(shown(meter, await timingOut(modbus.read(meter), { farEnd: server, clock }))).toEqual(bad('no-answer'));
    expect(modbus.observed.map(({ event }) => event)).toEqual(['timeout', 'timeout']);
    expect(server.asked.length, 'asked once more, as `retries` says').toBe(2);
    server.manner = honest;
    expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
  });
});

function trickle(frame: Buffer, socket: Socket, pace: { readonly clock: FakeClock; readonly every: number }): void {
  if (socket.destroyed || frame.length === 0) return;
  socket.write(frame.subarray(0, 1));
  pace.clock.after(pace.every, () => trickle(frame.subarray(1), socket, pace));
}

test('one unanswered request is asked again, and nobody needs to know', async () => {
  const clock = new FakeClock();
  await using server = await playModbus(() => {
    server.manner = honest;
  });
  await using modbus = await openModbus(server, [meter], { clock });
  const reading = modbus.read(meter);
  await server.untilAsked(1);
  await clock.advance(1_000);
  expect(shown(meter, await reading)).toEqual(GOOD);
});

test('an answer that comes when its connection is long given up reaches nobody', async () => {
  const clock = new FakeClock();
  const kept: (() => void)[] = [];
  await using server = await playModbus((asked, socket) => kept.push(() => socket.write(honestFrame(asked))));
  await using modbus = await openModbus(server, [meter], { clock });
  expect(shown(meter, await timingOut(modbus.read(meter), { farEnd: server, clock }))).toEqual(bad('no-answer'));
  server.manner = (asked, socket) => {
    for (const send of kept.splice(0)) send();
    honest(asked, socket);
  };
  expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
});

describe('an answer kept back by a gateway and sent on the new connection is thrown away', () => {
  test.each([1, 300])('%i requests later', async (later) => {
    const clock = new FakeClock();
    // The same unit and length, so that only the transaction tells the answers apart.
    const [first, second] = [200, 100].map((address) => modbusDevice([{ read: `holding ${address}`, type: 'uint16' }]));
    if (first === undefined || second === undefined) throw new Error('two devices');
    await using server = await playModbus(silent);
    await using modbus = await openModbus(server, [first], { clock, settings: { retries: 0 } });
    expect(shown(first, await timingOut(modbus.read(first), { farEnd: server, clock }))).toEqual(['200 bad no-answer']);
    const [kept] = server.asked;
    server.manner = honest;
    for (let request = 1; request < later; request++) await modbus.read(second);
    server.manner = (asked, socket) => {
      if (kept !== undefined) socket.write(honestFrame(kept));
      honest(asked, socket);
    };
    expect(shown(second, await modbus.read(second))).toEqual(['100 good 100']);
    expect(modbus.observed.map(({ event }) => event)).toEqual(['timeout', 'late-frame']);
  });
});

test('of an answer sent twice the second is thrown away, and the connection stays', async () => {
  await using server = await playModbus(sends((asked) => Buffer.concat([honestFrame(asked), honestFrame(asked)])));
  await using modbus = await openModbus(server, [meter]);
  for (let round = 0; round < 3; round++) expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
  expect(modbus.observed.map(({ event }) => event)).toEqual(['late-frame', 'late-frame', 'late-frame']);
  expect(server.connections).toBe(1);
});

function breaking(end: (socket: Socket) => void): Manner {
  return (asked, socket) => {
    socket.write(honestFrame(asked).subarray(0, 11), () => end(socket));
  };
}

describe('a connection that breaks in mid-answer', () => {
  const breaks: readonly [string, (socket: Socket) => void][] = [
    ['by a reset', (socket) => socket.resetAndDestroy()],
    ['by a close', (socket) => socket.end()],
  ];
  // The clock stands still: none of these waits for a timeout.
  test.each(breaks)('%s is made anew within the same poll', async (_, end) => {
    await using server = await playModbus((asked, socket) => {
      server.manner = honest;
      breaking(end)(asked, socket);
    });
    await using modbus = await openModbus(server, [meter], { clock: new FakeClock() });
    expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
  });

  test.each(breaks)('%s every time is an answer that never came, until the server behaves', async (_, end) => {
    await using server = await playModbus(breaking(end));
    await using modbus = await openModbus(server, [meter], { clock: new FakeClock() });
    expect(shown(meter, await modbus.read(meter))).toEqual(bad('no-answer'));
    expect(server.asked.length, 'asked once more, as `retries` says').toBe(2);
    server.manner = honest;
    expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
  });

  test('by half, behind the whole answer, costs no reading', async () => {
    await using server = await playModbus((asked, socket) => void socket.end(honestFrame(asked)));
    await using modbus = await openModbus(server, [meter], { clock: new FakeClock() });
    for (let round = 0; round < 3; round++) expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
    expect(server.connections).toBe(3);
  });

  test.each([0, 1])('and cannot be made again is lost, with %i retries', async (retries) => {
    await using server = await playModbus(() => void server[Symbol.asyncDispose]());
    await using modbus = await openModbus(server, [meter], { clock: new FakeClock(), settings: { retries } });
    await expect(modbus.read(meter)).rejects.toMatchObject({ code: 'connection-failed', remedy: 'retry' });
  });
});

test('a connection that the server closed while it was idle costs no reading', async () => {
  await using server = await playModbus((asked, socket) => {
    socket.end(honestFrame(asked));
  });
  await using modbus = await openModbus(server, [meter], { settings: { retries: 0 } });
  for (let round = 0; round < 5; round++) {
    const closed = server.untilClosed(round + 1);
    expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
    await closed;
  }
  expect(server.connections).toBe(5);
});

test('a unit that stays silent behind a gateway costs its neighbours nothing', async () => {
  const clock = new FakeClock();
  const units = [1, 2, 3].map((unit) =>
    modbusDevice([{ read: 'holding 100', type: 'uint16' }], { unit }, `unit-${unit}`),
  );
  await using server = await playModbus((asked, socket) => {
    if (asked.unit !== 2) honest(asked, socket);
  });
  await using modbus = await openModbus(server, units, { clock });
  for (let round = 0; round < 3; round++) {
    const lines: string[] = [];
    for (const unit of units) {
      const reading = modbus.read(unit);
      lines.push(
        ...shown(unit, await (unit.settings.unit === 2 ? timingOut(reading, { farEnd: server, clock }) : reading)),
      );
    }
    expect(lines).toEqual(['100 good 100', '100 bad no-answer', '100 good 100']);
  }
});

test('a unit that answered nothing is asked no further in this round, and another range first in the next', async () => {
  const clock = new FakeClock();
  const ranges = [0, 200, 400].map((address) => ({ read: `holding ${address}`, type: 'uint16' }));
  const device = modbusDevice(ranges);
  await using server = await playModbus((asked, socket) => {
    // Some devices keep silent about what they do not have.
    if (asked.address !== 0) honest(asked, socket);
  });
  await using modbus = await openModbus(server, [device], { clock, settings: { retries: 0 } });
  expect(shown(device, await timingOut(modbus.read(device), { farEnd: server, clock }))).toEqual([
    '0 bad no-answer',
    '200 bad no-answer',
    '400 bad no-answer',
  ]);
  expect(server.asked.length).toBe(1);
  const second = modbus.read(device);
  await server.untilAsked(4);
  await clock.advance(1_000);
  expect(shown(device, await second)).toEqual(['0 bad no-answer', '200 good 200', '400 good 400']);
});

test('one range that stays silent costs no other range of a unit that answers', async () => {
  const clock = new FakeClock();
  const device = modbusDevice([0, 200, 400].map((address) => ({ read: `holding ${address}`, type: 'uint16' })));
  await using server = await playModbus((asked, socket) => {
    if (asked.address !== 200) honest(asked, socket);
  });
  await using modbus = await openModbus(server, [device], { clock, settings: { retries: 0 } });
  const reading = modbus.read(device);
  await server.untilAsked(2);
  await clock.advance(1_000);
  expect(shown(device, await reading)).toEqual(['0 good 0', '200 bad no-answer', '400 good 400']);
});

test('a request that is given up takes its connection with it', async () => {
  await using server = await playModbus(silent);
  await using modbus = await openModbus(server, [meter], { clock: new FakeClock() });
  const aborter = new AbortController();
  const reading = expect(modbus.read(meter, aborter.signal)).rejects.toThrow('enough');
  await server.untilAsked(1);
  aborter.abort(new Error('enough'));
  await reading;
  await server.untilClosed(1);
  server.manner = honest;
  expect(shown(meter, await modbus.read(meter))).toEqual(GOOD);
});

test('each request waits for the pause that the gateway needs', async () => {
  const clock = new FakeClock();
  await using server = await playModbus();
  await using modbus = await openModbus(server, [meter], { clock, settings: { pause: '50ms' } });
  await modbus.read(meter);
  const second = modbus.read(meter);
  await clock.untilPending();
  expect(server.asked.length).toBe(1);
  await clock.advance(50);
  expect(shown(meter, await second)).toEqual(GOOD);
});

test('two readings at once are refused: their answers could be mixed up', async () => {
  await using server = await playModbus();
  await using modbus = await openModbus(server, [meter]);
  const first = modbus.read(meter);
  await expect(modbus.read(meter)).rejects.toMatchObject({ code: 'failed' });
  expect(shown(meter, await first)).toEqual(GOOD);
});
