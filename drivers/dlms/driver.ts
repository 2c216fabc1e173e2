import { defineDriver } from '../../src/collect/driver.ts';
import type { DriverContext, DriverDevice, ListeningSession } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { MeterListener } from '../meter/meter-listener.ts';
import { typeOf } from '../meter/point-schema.ts';
import { connectionSchema, type ConnectionSettings } from './connection-schema.ts';
import { readKeys } from './keys.ts';
import { PushedLine } from './pushed-line.ts';
import { PushingMeter } from './pushing-meter.ts';
import { deviceSchema, pointSchema, type DeviceSettings, type PointAddress } from './schema.ts';
import { openWire, telegramsOf } from './transport.ts';

type Device = DriverDevice<DeviceSettings, PointAddress>;

/** DLMS/COSEM: see README.md in this folder. */
export const dlms = defineDriver<ConnectionSettings, DeviceSettings, PointAddress, ListeningSession>({
  name: 'dlms',
  discovers: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: (address) => ({ type: typeOf(address), writable: false }),
  open: openPush,
});

async function openPush(
  settings: ConnectionSettings,
  devices: readonly Device[],
  context: DriverContext,
  signal: AbortSignal,
): Promise<ListeningSession> {
  requireToldApart(devices);
  const meters = await Promise.all(
    devices.map(async (device) => {
      const { keys } = device.settings;
      return new PushingMeter(device, keys === undefined ? undefined : await readKeys(keys, device.id));
    }),
  );
  const line = new PushedLine(telegramsOf(settings), meters, context);
  const wire = await openWire(settings, context.clock, signal);
  return new MeterListener(
    wire,
    (bytes) => line.hear(bytes),
    () => context.observe('late-frame', undefined, 'a telegram waited too long for the journal and was left out'),
  );
}

/** What one of several meters sends must not be taken for another's. */
function requireToldApart(devices: readonly Device[]): void {
  const nameless = devices.find(({ settings }) => settings.meter === undefined);
  if (devices.length < 2 || nameless === undefined) return;
  const message = `${nameless.id}: several meters push over one connection: give each its system title, as \`meter\``;
  throw new GatewayError('configuration-invalid', message);
}
