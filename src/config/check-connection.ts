import type { Driver } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import { driverDevice, withoutPrefix } from './check-plan.ts';
import type { ConnectionSettings } from './configuration.ts';
import type { ResolvedDevice } from './devices.ts';
import type { Section } from './section.ts';

/**
 * Whether the driver can have these devices on this connection: what is right by itself may not go together. Complains
 * otherwise, of the device that the driver names, or of the connection.
 */
export function checkConnection(
  root: Section,
  { id, settings }: ConnectionSettings,
  { driver, devices }: { readonly driver: Driver | undefined; readonly devices: readonly ResolvedDevice[] },
): void {
  const own = devices.filter((device) => device.settings?.connection === id);
  try {
    driver?.check?.(
      settings,
      own.flatMap((device) => (device.settings === undefined ? [] : [driverDevice(device.settings)])),
    );
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const at = own.find((device) => error.message.startsWith(`${device.id}: `));
    if (at === undefined) root.at('connections', id).complain(error.message, '');
    else at.section.complain(withoutPrefix(error.message, at.id), '');
  }
}
