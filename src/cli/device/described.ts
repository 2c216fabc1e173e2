import { configurable } from '../../config/drivers.ts';
import type { DeviceSettings } from '../../config/configuration.ts';
import { deviceSchema } from '../../config/device-schema.ts';
import { parseKeys } from '../../config/keys.ts';
import { GatewayError } from '../../model/errors.ts';
import type { Target } from './target.ts';

/** A device that is not configured and says by itself what it holds. Rejects with `usage` where those of its driver do not. */
export async function describedDevice({ name, connection, keys }: Target): Promise<DeviceSettings> {
  const { driver } = connection;
  // Of those whose values lie at places few describe them: whoever leaves the place out has forgotten it.
  if (driver.discovers !== true || driver.place !== undefined) {
    throw new GatewayError('usage', `${name}: name an address to be read there, e.g. "holding 100"`);
  }
  const common = deviceSchema.parse({ connection: connection.id });
  const settings = parseKeys(configurable(driver).device, keys);
  // Behind it is the reader of YAML, which no other command shall load, and the daemon least of all.
  const { defineDevice } = await import('../../config/devices.ts');
  return defineDevice(driver.name, common, { settings, points: new Map() });
}
