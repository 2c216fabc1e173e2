import { defineDriver, type DriverContext, type ListeningSession, type Session } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { openLine } from '../meter/line.ts';
import { scanBauds } from '../meter/scan-bauds.ts';
import { MeterListener } from '../meter/meter-listener.ts';
import { typeOf, type MeterAddress } from '../meter/point-schema.ts';
import { PushEar } from './push-ear.ts';
import { recognitions } from './recognition.ts';
import { connectionSchema, deviceSchema, pointSchema } from './schema.ts';
import type { ConnectionSettings, DeviceSettings } from './schema.ts';
import { lineOf, ReadoutSession, type Device } from './session.ts';
import { simulate } from './simulate.ts';

// Nearly all begin at 300; some on a bus of their own at others.
const FIRST_BAUDS = [300, 9_600, 2_400] as const;

/** Meters with an optical head, RS-485 or current loop after IEC 62056-21: see README.md in this folder. */
export const iec62056 = defineDriver<ConnectionSettings, DeviceSettings, MeterAddress, Session | ListeningSession>({
  name: 'iec62056-21',
  discovers: true,
  simulatesUnprofiled: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: (address) => ({ type: typeOf(address), writable: false }),
  check: requireAlone,
  open: (connection, devices, context, signal) =>
    connection.mode === 'D'
      ? listen(connection, devices, context, signal)
      : ReadoutSession.open(connection, context, signal),
  recognitions,
  proposedPeriod: '15m', // a readout takes up to minutes at 300 Bd, and some meters wake up for it
  scanSettings: (connection, range) => scanBauds(connection, range, { usual: FIRST_BAUDS, format: '7E1' }),
  simulate,
});

async function listen(
  connection: ConnectionSettings,
  devices: readonly Device[],
  context: DriverContext,
  signal: AbortSignal,
): Promise<ListeningSession> {
  requireAlone(connection, devices);
  const [device] = devices;
  const ear = new PushEar(device, connection.softwareParity, context);
  const wire = await openLine(lineOf(connection), context.clock, signal);
  return new MeterListener(
    wire,
    (bytes) => ear.hear(bytes),
    () => context.observe('late-frame', device?.id, 'a readout waited too long and was dropped'),
  );
}

function requireAlone({ mode }: Pick<ConnectionSettings, 'mode'>, [, other]: readonly Pick<Device, 'id'>[]): void {
  if (mode !== 'D' || other === undefined) return;
  const message = 'in mode D one meter alone speaks on a line, and nothing tells it from another';
  throw new GatewayError('configuration-invalid', `${other.id}: ${message}`);
}
