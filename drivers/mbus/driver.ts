import { defineDriver, type DriverContext } from '../../src/collect/driver.ts';
import { aesKeyFault } from '../meter/aes-key.ts';
import { scanBauds } from '../meter/scan-bauds.ts';
import { connectionSchema, type ConnectionSettings } from './connection-schema.ts';
import { forecast } from './forecast.ts';
import { Line } from './line.ts';
import { typeOf } from './point-type.ts';
import { deviceSchema, pointSchema, type Device, type DeviceSettings, type PointAddress } from './schema.ts';
import { recognitions } from './recognition.ts';
import { MbusSession } from './session.ts';
import { simulate } from './simulate.ts';

// By how often they are met; parity is even by the standard.
const BAUDS = [2_400, 300, 9_600, 4_800, 1_200, 600, 19_200, 38_400] as const;

/** Wired M-Bus, EN 13757-2, -3 and -7: see README.md in this folder. */
export const mbus = defineDriver<ConnectionSettings, DeviceSettings, PointAddress>({
  name: 'mbus',
  discovers: true,
  simulatesUnprofiled: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: (address) => ({ type: typeOf(address) === 'text' ? 'string' : 'float64', writable: false }),
  secretFault: (_path, secret) => aesKeyFault(secret), // it has no other secrets
  plan: forecast,
  open,
  scanSettings: (connection, range) => scanBauds(connection, range, { usual: BAUDS, format: '8E1' }),
  recognitions,
  proposedPeriod: '15m', // a line of forty meters takes half a minute, and many have a battery that pays for each answer
  simulate,
});

async function open(
  connection: ConnectionSettings,
  _devices: readonly Device[],
  context: DriverContext,
  signal: AbortSignal,
): Promise<MbusSession> {
  const line = await Line.open(connection, context, signal);
  return new MbusSession(line, context, {
    retries: connection.retries,
    isNear: connection.transport === 'serial',
  });
}
