import { describe, expect, test } from 'vitest';
import { modbusDevice, openModbus, shown } from '../support/modbus-session.ts';
import { exceptionFrame, honest, playModbus, type AskedFrame, type Manner } from '../support/played-modbus.ts';

/** Refuses every request that touches one of these registers. */
function withHoles(...holes: readonly number[]): Manner {
  return (asked, socket) => {
    const end = asked.address + asked.amount;
    if (holes.some((hole) => asked.address <= hole && hole < end)) socket.write(exceptionFrame(asked, 2));
    else honest(asked, socket);
  };
}

function refusing(exception: number): Manner {
  return (asked, socket) => {
    socket.write(exceptionFrame(asked, exception));
  };
}

function spans(asked: readonly AskedFrame[]): readonly string[] {
  return asked.map(({ address, amount }) => `${address}+${amount}`);
}

const EVEN = Array.from({ length: 8 }, (_, index) => ({ read: `holding ${index * 2}`, type: 'uint16' }));

test('a point that the device does not have is refused, and all others still arrive', async () => {
  const device = modbusDevice(EVEN);
  await using server = await playModbus(withHoles(10));
  await using modbus = await openModbus(server, [device]);
  const lines = [
    '0 good 0',
    '2 good 2',
    '4 good 4',
    '6 good 6',
    '8 good 8',
    '10 bad refused',
    '12 good 12',
    '14 good 14',
  ];
  expect(shown(device, await modbus.read(device))).toEqual(lines);
  expect(modbus.observed.filter(({ event }) => event === 'split-read')).toEqual([
    {
      event: 'split-read',
      device: 'meter',
      detail: 'holding 0..14 (15 registers, 8 points) is refused as a whole and read in parts now',
    },
  ]);
  const learning = server.asked.length;
  expect(shown(device, await modbus.read(device))).toEqual(lines);
  expect(spans(server.asked.slice(learning)), 'as few requests as the refusal allows').toEqual(['0+9', '10+1', '12+3']);
});

test('a hole between two points is read around from the second round on', async () => {
  const device = modbusDevice(EVEN);
  await using server = await playModbus(withHoles(7));
  await using modbus = await openModbus(server, [device]);
  const good = EVEN.map((_, index) => `${index * 2} good ${index * 2}`);
  expect(shown(device, await modbus.read(device))).toEqual(good);
  const learning = server.asked.length;
  expect(shown(device, await modbus.read(device))).toEqual(good);
  expect(spans(server.asked.slice(learning))).toEqual(['0+7', '8+7']);
});

test('many holes are all found in the first round', async () => {
  const device = modbusDevice(EVEN);
  await using server = await playModbus(withHoles(1, 4, 9, 14));
  await using modbus = await openModbus(server, [device]);
  const lines = [
    '0 good 0',
    '2 good 2',
    '4 bad refused',
    '6 good 6',
    '8 good 8',
    '10 good 10',
    '12 good 12',
    '14 bad refused',
  ];
  expect(shown(device, await modbus.read(device))).toEqual(lines);
  const learning = server.asked.length;
  expect(shown(device, await modbus.read(device))).toEqual(lines);
  expect(spans(server.asked.slice(learning))).toEqual(['0+1', '2+1', '4+1', '6+3', '10+3', '14+1']);
});

test('a refused point that shares registers with others is told apart from them', async () => {
  // Register 11 is missing: the 32-bit point goes, the 16-bit point and the bits stay.
  const device = modbusDevice([
    { read: 'holding 9', type: 'uint16' },
    { read: 'holding 10', type: 'uint32' },
    { read: 'holding 10', type: 'uint16' },
    { read: 'holding 10', type: 'bits(1..1)' },
    { read: 'holding 12', type: 'uint16' },
  ]);
  await using server = await playModbus(withHoles(11));
  await using modbus = await openModbus(server, [device]);
  const lines = ['9 good 9', '10 bad refused', '10 good 10', '10 good 1', '12 good 12'];
  for (let round = 0; round < 5; round++) expect(shown(device, await modbus.read(device))).toEqual(lines);
  const before = server.asked.length;
  expect(shown(device, await modbus.read(device))).toEqual(lines);
  expect(spans(server.asked.slice(before))).toEqual(['9+1', '10+1', '10+2', '12+1']);
  expect(modbus.observed.filter(({ event }) => event === 'split-read').length).toBe(1);
});

test('a device that gives fewer registers at once than it should is read in smaller requests', async () => {
  const device = modbusDevice(
    Array.from({ length: 100 }, (_, address) => ({ read: `input ${address}`, type: 'uint16' })),
  );
  await using server = await playModbus((asked, socket) => {
    if (asked.amount > 30) socket.write(exceptionFrame(asked, 3));
    else honest(asked, socket);
  });
  await using modbus = await openModbus(server, [device]);
  for (let round = 0; round < 4; round++) {
    const readings = await modbus.read(device);
    expect(readings.map(({ quality }) => quality)).toEqual(Array.from({ length: 100 }, () => 'good'));
  }
  const before = server.asked.length;
  await modbus.read(device);
  expect(spans(server.asked.slice(before))).toEqual(['0+25', '25+25', '50+25', '75+25']);
});

test('a single exception never takes a plan apart that once worked', async () => {
  const device = modbusDevice(EVEN);
  await using server = await playModbus();
  await using modbus = await openModbus(server, [device]);
  const good = EVEN.map((_, index) => `${index * 2} good ${index * 2}`);
  await modbus.read(device);
  server.manner = (asked, socket) => {
    server.manner = honest;
    socket.write(exceptionFrame(asked, 2));
  };
  expect(shown(device, await modbus.read(device)), 'even that round has all values').toEqual(good);
  const before = server.asked.length;
  expect(shown(device, await modbus.read(device))).toEqual(good);
  expect(spans(server.asked.slice(before))).toEqual(['0+15']);
  expect(modbus.observed.map(({ event }) => event)).toEqual(['exception']);
});

test('a round in which the device was busy teaches nothing about what it has', async () => {
  const device = modbusDevice(EVEN);
  let exception = 2;
  await using server = await playModbus((asked, socket) => {
    socket.write(exceptionFrame(asked, exception));
    exception = 6;
  });
  await using modbus = await openModbus(server, [device]);
  expect(shown(device, await modbus.read(device))).toEqual(EVEN.map((_, index) => `${index * 2} bad device-busy`));
  const before = server.asked.length;
  server.manner = honest;
  await modbus.read(device);
  expect(spans(server.asked.slice(before))).toEqual(['0+15']);
});

test('a point that is refused once is asked for again, and comes back', async () => {
  const device = modbusDevice([{ read: 'holding 5', type: 'uint16' }]);
  await using server = await playModbus(refusing(2));
  await using modbus = await openModbus(server, [device]);
  for (let round = 0; round < 3; round++) expect(shown(device, await modbus.read(device))).toEqual(['5 bad refused']);
  server.manner = honest;
  expect(shown(device, await modbus.read(device))).toEqual(['5 good 5']);
});

test('what was learned holds for every selection of the points', async () => {
  const device = modbusDevice(EVEN);
  await using server = await playModbus(withHoles(10));
  await using modbus = await openModbus(server, [device]);
  await modbus.read(device);
  const before = server.asked.length;
  const never = new AbortController().signal;
  expect(shown(device, await modbus.session.read(device, device.points.slice(3, 7), never))).toEqual([
    '6 good 6',
    '8 good 8',
    '10 bad refused',
    '12 good 12',
  ]);
  expect(spans(server.asked.slice(before))).toEqual(['6+3', '10+1', '12+1']);
});

describe('exceptions say what they mean', () => {
  test.each([
    [1, 'refused'],
    [2, 'refused'],
    [3, 'refused'],
    [4, 'device-failure'],
    [5, 'device-busy'],
    [6, 'device-busy'],
    [7, 'refused'],
    [8, 'device-failure'],
    [10, 'no-answer'],
    [11, 'no-answer'],
    [99, 'device-failure'],
  ])('%i is %s', async (exception, reason) => {
    const device = modbusDevice(EVEN.slice(0, 2));
    await using server = await playModbus(refusing(exception));
    await using modbus = await openModbus(server, [device]);
    expect(shown(device, await modbus.read(device))).toEqual([`0 bad ${reason}`, `2 bad ${reason}`]);
    expect(new Set(modbus.observed.map(({ event }) => event))).toEqual(
      exception === 2 || exception === 3 ? new Set(['exception', 'split-read']) : new Set(['exception']),
    );
    expect(server.connections, 'an exception is an answer: the connection stays').toBe(1);
    server.manner = honest;
    expect(shown(device, await modbus.read(device))).toEqual(['0 good 0', '2 good 2']);
  });
});

test('all four tables are read, each by its own function', async () => {
  const device = modbusDevice([
    { read: 'coil 3' },
    { read: 'coil 6' },
    { read: 'discrete 20' },
    { read: 'discrete 21' },
    { read: 'input 7', type: 'int32' },
    { read: 'holding 8', type: 'string(2)' },
  ]);
  await using server = await playModbus();
  await using modbus = await openModbus(server, [device]);
  expect(shown(device, await modbus.read(device))).toEqual([
    '3 good true',
    '6 good false',
    '20 good false',
    '21 good true',
    `7 good ${7 * 65_536 + 8}`,
    '8 good ',
  ]);
  expect(server.asked.map(({ code, address, amount }) => [code, address, amount])).toEqual([
    [1, 3, 4],
    [2, 20, 2],
    [4, 7, 2],
    [3, 8, 1],
  ]);
});
