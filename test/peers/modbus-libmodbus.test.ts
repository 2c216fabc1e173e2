import { expect } from 'vitest';
import { modbusDevice, openModbus, shown } from '../support/modbus-session.ts';
import { startLibmodbusRtu, startLibmodbusTcp } from '../support/libmodbus.ts';
import { testWith } from '../support/peers.ts';
import { openPtyPair } from '../support/pty-pair.ts';

testWith(
  'libmodbus',
  'a device by libmodbus is read over TCP, all four tables, and refuses what it lacks',
  async () => {
    const device = modbusDevice(
      [
        { read: 'coil 7' },
        { read: 'discrete 8' },
        { read: 'holding 120', type: 'uint16' },
        { read: 'input 199', type: 'uint16' },
        { read: 'holding 200', type: 'uint16' },
        { read: 'holding 10', type: 'uint32', order: 'CDAB' },
      ],
      { unit: 17 },
    );
    await using server = await startLibmodbusTcp();
    await using modbus = await openModbus(server, [device]);
    expect(shown(device, await modbus.read(device))).toEqual([
      '7 good true',
      '8 good false',
      '120 good 120',
      '199 good 1199',
      '200 bad refused',
      `10 good ${11 * 65_536 + 10}`,
    ]);
  },
);

testWith(['libmodbus', 'socat'], 'a device by libmodbus is read and written over RTU on a serial line', async () => {
  const device = modbusDevice(
    [
      { read: 'coil 7' },
      { read: 'holding 120', type: 'uint16' },
      { read: 'holding 10', type: 'uint32', order: 'CDAB' },
      { read: 'input 199', type: 'uint16' },
      { read: 'holding 200', type: 'uint16' },
    ],
    { unit: 17 },
  );
  await using line = await openPtyPair();
  await using _server = await startLibmodbusRtu(line.theirs, { unit: 17, baud: 115_200 });
  const settings = { transport: 'serial', path: line.ours, baud: 115_200, parity: 'none' };
  await using modbus = await openModbus({}, [device], { settings });
  const expected = ['7 good true', '10 good 720906', '120 good 120', '199 good 1199', '200 bad refused'];
  expect(shown(device, await modbus.read(device)).toSorted()).toEqual(expected.toSorted());
  const [coil, register] = device.points;
  if (coil === undefined || register === undefined || modbus.session.write === undefined)
    throw new Error('points to write');
  const writes = [
    { point: coil, value: false },
    { point: register, value: 4_711 },
  ];
  const written = await modbus.session.write(device, writes, new AbortController().signal);
  expect(shown(device, written)).toEqual(['7 good false', '120 good 4711']);
});
