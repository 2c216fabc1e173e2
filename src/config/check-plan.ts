import type { DriverDevice, DriverPoint } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import type { ConnectionSettings, DeviceSettings } from './configuration.ts';
import type { ConfigurableDriver } from './drivers.ts';
import type { Section } from './section.ts';

type Points = readonly DriverPoint<unknown>[];

const HINT = 'change the point, or the keys of its device';

/**
 * Whether the driver can read the device: what each key allows by itself may not go together. Complains otherwise, of
 * each point that cannot be read, or of the device in `section` where only all its points together are too much.
 */
export function checkPlan(
  section: Section,
  settings: DeviceSettings,
  { driver }: ConfigurableDriver,
  connections: readonly ConnectionSettings[],
): boolean {
  const connection = connections.find(({ id }) => id === settings.connection);
  if (connection === undefined) return true; // it is wrong itself, which is told already
  const device = driverDevice(settings);
  const { points } = device;
  const refusal = (asked: Points): string | undefined => {
    try {
      driver.plan?.(connection.settings, device, asked);
      return undefined;
    } catch (error) {
      if (error instanceof GatewayError) return error.message;
      throw error;
    }
  };
  // All at once, as the gateway will ask: only when that fails is each one worth a plan of its own.
  const trouble = refusal(points);
  if (trouble === undefined) return true;
  const refused = points.flatMap((point) => {
    const message = refusal([point]);
    return message === undefined ? [] : [{ id: point.id, message }];
  });
  const isOfDevice = refused.length === 0 || trouble.startsWith(`${device.id}: `);
  if (isOfDevice) section.complain(withoutPrefix(trouble, device.id), HINT);
  else for (const { id, message } of refused) complainOfPoint(section, id, message);
  return false;
}

/** A device as its driver is told of it, its points numbered for the moment. */
export function driverDevice({ id, settings, points }: DeviceSettings): DriverDevice<unknown, unknown> {
  return {
    id,
    settings,
    points: points.map(({ definition, address }, number) => ({ number, id: definition.id, address })),
  };
}

function complainOfPoint(device: Section, id: string, message: string): void {
  const point = device.at('points', id.slice(id.indexOf('/') + 1));
  const read = point.at('read');
  (read.tree === undefined ? point : read).complain(withoutPrefix(message, id), HINT);
}

/** The message without the name that its key says already. */
export function withoutPrefix(message: string, id: string): string {
  const prefix = `${id}: `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
