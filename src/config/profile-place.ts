import type { DriverPoint, Placement } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import type { DeviceSettings } from './configuration.ts';
import type { ConfigurableDriver } from './drivers.ts';
import type { Section } from './section.ts';

/** Where each point of `device` lies, in their sequence. */
export function placesOf(
  device: DeviceSettings,
  driver: ConfigurableDriver,
  points: Section,
): readonly (Placement | undefined)[] {
  return device.points.map(({ definition: { id, name }, address }, number) =>
    placeOf({ number, id, address }, device, driver, points.at(name)),
  );
}

/**
 * Where the point in `section` lies. Undefined where the driver does not say, or, after complaining, where the device
 * has no such place.
 */
export function placeOf(
  point: DriverPoint<unknown>,
  device: DeviceSettings,
  { driver }: ConfigurableDriver,
  section: Section,
): Placement | undefined {
  try {
    return driver.place?.(point, device.settings);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const prefix = `${point.id}: `; // the key says it already
    const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
    const read = section.at('read');
    (read.tree === undefined ? section : read).complain(message, 'change it, or the keys under device');
    return undefined;
  }
}
