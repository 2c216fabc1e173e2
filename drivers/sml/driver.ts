import { defineDriver, type ListeningSession } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { openLine } from '../meter/line.ts';
import { MeterListener } from '../meter/meter-listener.ts';
import { typeOf, type MeterAddress } from '../meter/point-schema.ts';
import { recognitions } from './recognition.ts';
import { connectionSchema, deviceSchema, pointSchema } from './schema.ts';
import type { ConnectionSettings, DeviceSettings } from './schema.ts';
import { simulate } from './simulate.ts';
import { SmlEar, type Device } from './session.ts';

/** Electricity meters that send SML by themselves: see README.md in this folder. */
export const sml = defineDriver<ConnectionSettings, DeviceSettings, MeterAddress, ListeningSession>({
  name: 'sml',
  discovers: true,
  simulatesUnprofiled: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: (address) => ({ type: typeOf(address), writable: false }),
  check: (_connection, devices) => refuseAmbiguity(devices),
  open: async (connection, devices, context, signal) => {
    refuseAmbiguity(devices);
    const ear = new SmlEar(devices, connection.deviations, context);
    const wire = await openLine(connection, context.clock, signal);
    return new MeterListener(
      wire,
      (bytes) => ear.hear(bytes),
      () => context.observe('late-frame', undefined, 'a telegram waited too long and was dropped'),
    );
  },
  recognitions,
  simulate,
});

/** Of several meters on a line each must be known by its server id. */
function refuseAmbiguity(devices: readonly Device[]): void {
  const nameless = devices.find(({ settings }) => settings.server === undefined);
  if (devices.length < 2 || nameless === undefined) return;
  const message = 'several meters on one line are told apart by their `server`, which this one lacks';
  throw new GatewayError('configuration-invalid', `${nameless.id}: ${message}`);
}
