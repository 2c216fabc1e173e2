import { join } from 'node:path';
import { expect } from 'vitest';
import type { GatewayControl } from '../../src/control/control.ts';
import { Daemon } from '../support/daemon.ts';
import { measuringLateness } from '../support/lateness.ts';
import { testWith } from '../support/peers.ts';
import { startSimulating } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROFILES = [
  'eastron/sdm630',
  'janitza/umg96rm',
  'carlo-gavazzi/em340',
  'orno/or-we-516',
  'siemens/pac3200',
  'inepro/pro380',
];
const UNITS = 40;
// From the gateway to the meters and back a request wakes socat, the meters, their timer for the time on the line, socat
// again, the gateway, and its timer for the gap.
const WAKINGS = 6;

testWith(
  'socat',
  'a bus of forty meters of six kinds at 9600 Bd is read in the time that was forecast',
  async () => {
    await using folder = await temporaryFolder();
    const link = join(folder.path, 'bus');
    const words = [...PROFILES, '--units', String(UNITS), '--pty', link, '--baud', '9600'];
    await using simulation = await startSimulating(words);
    const { connection, devices } = simulation.told;
    await using daemon = new Daemon(folder.path);
    await daemon.start({
      connections: { bus: { driver: 'modbus', ...connection } },
      devices: Object.fromEntries(
        devices.map(({ profile, unit }) => [`meter-${unit}`, { connection: 'bus', unit, profile, every: '10m' }]),
      ),
    });
    const { result, lateness } = await measuringLateness(untilAllArePolled(await daemon.control()));
    const { connection: bus, devices: meters } = result;
    expect(meters.length).toBe(UNITS);
    expect(meters.filter(({ bad, points }) => bad > 0 || points === 0)).toEqual([]);
    expect([bus.state, bus.wire, bus.late]).toEqual(['up', {}, 0]);
    const took = Math.max(...meters.map(({ lastReading }) => Date.parse(lastReading ?? ''))) - Date.parse(bus.since);
    const forecast = bus.busTime ?? Number.NaN;
    // A machine with other things to do takes longer: by as much as it was seen to wake late in the same seconds.
    const delay = (bus.latency?.count ?? 0) * WAKINGS * lateness;
    const text = `${took} ms, ${Math.round(forecast)} forecast, ${Math.round(delay)} late`;
    expect(took / forecast, text).toBeGreaterThan(0.85);
    expect((took - delay) / forecast, text).toBeLessThan(1.15);
  },
  180_000,
);

/** The status once every device was polled. */
async function untilAllArePolled(control: GatewayControl) {
  for await (const _ of control.watch({}, new AbortController().signal)) {
    const { connections, devices } = await control.status();
    const [connection] = connections;
    if (connection !== undefined && devices.every(({ polls }) => polls > 0)) return { connection, devices };
  }
  throw new Error('the gateway ended');
}
