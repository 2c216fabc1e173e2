import { join } from 'node:path';
import { expect } from 'vitest';
import { testWith } from '../support/peers.ts';
import { runWeir } from '../support/run-weir.ts';
import { startSimulating } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// It listens for as long as meters keep silent, and asks in one protocol after the other: Modbus comes last.

const meters = [
  ['sml', ['sml'], { driver: 'sml' }],
  ['p1', ['p1'], { driver: 'p1' }],
  ['iec62056-21', ['iec62056-21'], { driver: 'iec62056-21' }],
  ['dlms', ['dlms'], { driver: 'dlms' }],
  ['mbus', ['mbus'], { driver: 'mbus' }],
  ['modbus', ['eastron/sdm630', '--unit', '3'], { driver: 'modbus', device: { unit: 3 } }],
] as const;

for (const [name, played, expected] of meters) {
  testWith(
    'socat',
    `a port of which nothing is known turns out to be ${name}, with the settings to configure`,
    async () => {
      await using folder = await temporaryFolder();
      const path = join(folder.path, 'port');
      await using _meter = await startSimulating([...played, '--pty', path]);
      const { exit, stdout, stderr } = await runWeir(['device', 'identify', path, '--json'], { cwd: folder.path });
      expect([exit, stderr]).toEqual([0, '']);
      const found = JSON.parse(stdout);
      expect(found).toMatchObject(expected);
      expect(found.snippet).toMatchObject({
        connections: { line: { driver: expected.driver, transport: 'serial', path } },
        devices: { meter: { connection: 'line' } },
      });
    },
  );
}
