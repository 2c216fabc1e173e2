import type { Placement } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import type { DeviceSettings } from './configuration.ts';
import type { ConfigurableDriver } from './drivers.ts';
import type { Section } from './section.ts';

/**
 * Where each point of `device` lies, in their sequence. Undefined where the driver does not say, or, after complaining,
 * where the device has no such place.
 */
export function placesOf(
  device: DeviceSettings,
  { driver }: ConfigurableDriver,
  points: Section,
): readonly (Placement | undefined)[] {
  return device.points.map(({ definition: { id, name }, address }, number) => {
    try {
      return driver.place?.({ number, id, address }, device.settings);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const prefix = `${id}: `; // the key says it already
      const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
      const point = points.at(name);
      const read = point.at('read');
      (read.tree === undefined ? point : read).complain(message, 'change the point, or the keys under device');
      return undefined;
    }
  });
}
