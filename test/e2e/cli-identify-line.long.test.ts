import { join } from 'node:path';
import { expect } from 'vitest';
import { testWith } from '../support/peers.ts';
import { runWeir } from '../support/run-weir.ts';
import { startSimulating } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// It listens for as long as meters keep silent, and asks in one protocol after the other: Modbus comes last.

const meters = {
  sml: ['sml'],
  p1: ['p1'],
  'iec62056-21': ['iec62056-21'],
  dlms: ['dlms'],
  mbus: ['mbus'],
  modbus: ['eastron/sdm630', '--unit', '3'],
} as const;

async function identified(played: readonly string[]): Promise<unknown> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'port');
  await using _meter = await startSimulating([...played, '--pty', path]);
  const { exit, stdout, stderr } = await runWeir(['device', 'identify', path, '--json'], { cwd: folder.path });
  expect([exit, stderr]).toEqual([0, '']);
  const { driver, snippet } = JSON.parse(stdout);
  expect(snippet.connections.line).toMatchObject({ transport: 'serial', path });
  expect(snippet.devices.meter).toMatchObject({ connection: 'line' });
  return driver;
}

testWith(
  'socat',
  'a port of which nothing is known turns out to be what is there, with the settings to configure',
  async () => {
    const found = await Promise.all(Object.values(meters).map((played) => identified(played)));
    expect(found).toEqual(Object.keys(meters));
  },
);
