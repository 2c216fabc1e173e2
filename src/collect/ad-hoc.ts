import { configurable } from '../config/drivers.ts';
import { parseKeys } from '../config/keys.ts';
import { GatewayError } from '../model/errors.ts';
import type { Bus } from './bus.ts';
import type { AdHocDevice, Keys } from './commissioning.ts';
import type { Driver, DriverDevice, DriverPoint } from './driver.ts';

type Device = DriverDevice<unknown, unknown>;

/** The device that somebody means by its driver's keys, with these points. Throws `usage` where the driver refuses them. */
export function adHocDevice(bus: Bus, asked: AdHocDevice): Device {
  return planned(bus, parsedDevice(bus, asked));
}

/** The same for who writes to it: all devices of a line at once can be written to and not be read. */
export function writtenDevice(bus: Bus, asked: AdHocDevice): Device {
  const device = parsedDevice(bus, asked);
  const isBroadcast = bus.driver.isBroadcast?.(bus.settings, device.settings) === true;
  return isBroadcast ? device : planned(bus, device);
}

function parsedDevice({ id: connection, driver }: Bus, asked: AdHocDevice): Device {
  const schemas = configurable(driver);
  const settings = parseKeys(schemas.device, asked.device);
  const id = nameOf(asked.device, connection);
  const points = Object.entries(asked.points).map(([name, keys], index) => ({
    number: index + 1,
    id: name,
    address: parseKeys(schemas.point, keys, ['points', name]),
  }));
  return { id, settings, points };
}

/** Every meaning that the place of the one point in `asked` may have, each as a point of the device. */
export function alternativesOf(bus: Bus, asked: AdHocDevice): Device {
  const device = adHocDevice(bus, asked);
  const [point, ...others] = device.points;
  if (point === undefined || others.length > 0) throw new GatewayError('usage', 'name one point to try as every type');
  if (bus.driver.alternatives === undefined) throw cannot(bus.driver, 'says by itself what type a value has');
  const points = bus.driver
    .alternatives(point.address)
    .map(({ name, address }, index): DriverPoint<unknown> => ({ number: index + 1, id: name, address }));
  return planned(bus, { ...device, points });
}

/** The device that is meant by keys alone. */
export function bareDevice(bus: Bus, device: Keys): Device {
  return adHocDevice(bus, { device, points: {} });
}

/** What a protocol cannot do. */
export function cannot(driver: Driver, why: string): GatewayError {
  return new GatewayError('usage', `${driver.name} ${why}`);
}

/** `unit 3`: no configured device can have a name with a space, so that its driver cannot take one for the other. */
function nameOf(keys: Keys, connection: string): string {
  const words = Object.entries(keys).map(([key, value]) => `${key} ${String(value)}`);
  return words.length === 0 ? `device on ${connection}` : words.join(', ');
}

/** What each key allows by itself may not go together: the driver's plan shows it, before anything is sent. */
function planned({ driver, settings }: Bus, device: Device): Device {
  try {
    driver.plan?.(settings, device, device.points);
    return device;
  } catch (error) {
    if (error instanceof GatewayError) throw new GatewayError('usage', error.message, { cause: error });
    throw error;
  }
}
