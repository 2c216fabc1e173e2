import { expect } from 'vitest';
import { modbusDevice, openModbus, shown } from '../support/modbus-session.ts';
import { startLibmodbusTcp } from '../support/libmodbus.ts';
import { testWith } from '../support/peers.ts';

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
