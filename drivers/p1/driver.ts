import { defineDriver, type ListeningSession } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { aesKeyFault } from '../meter/aes-key.ts';
import { openLine } from '../meter/line.ts';
import { MeterListener } from '../meter/meter-listener.ts';
import { typeOf, type MeterAddress } from '../meter/point-schema.ts';
import { keysOf } from './keys.ts';
import { recognitions } from './recognition.ts';
import { connectionSchema, deviceSchema, pointSchema } from './schema.ts';
import type { ConnectionSettings, DeviceSettings } from './schema.ts';
import { P1Ear } from './session.ts';
import { simulate } from './simulate.ts';

/** Meters with a customer port after DSMR: see README.md in this folder. */
export const p1 = defineDriver<ConnectionSettings, DeviceSettings, MeterAddress, ListeningSession>({
  name: 'p1',
  discovers: true,
  simulatesUnprofiled: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: (address) => ({ type: typeOf(address), writable: false }),
  check: (_connection, devices) => requireAlone(devices),
  secretFault: (_path, secret) => aesKeyFault(secret), // it has no other secrets
  open: async (connection, devices, context, signal) => {
    signal.throwIfAborted();
    requireAlone(devices);
    const [device] = devices;
    const ear = new P1Ear(device, await keysOf(connection), context);
    const wire = await openLine(connection, context.clock, signal);
    return new MeterListener(
      wire,
      (bytes) => ear.hear(bytes),
      () => context.observe('late-frame', device?.id, 'a telegram waited too long and was dropped'),
      () => ear.keep(),
    );
  },
  recognitions,
  simulate,
});

function requireAlone([, other]: readonly { readonly id: string }[]): void {
  if (other === undefined) return;
  const message = 'a P1 port belongs to one meter; those behind it are points of the same device';
  throw new GatewayError('configuration-invalid', `${other.id}: ${message}`);
}
