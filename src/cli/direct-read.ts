import type { Configuration } from '../config/configuration.ts';
import type { DriverContext } from '../collect/driver.ts';
import { configuredTarget, openDirectly, type DirectConnection } from '../collect/direct.ts';
import { drivers } from '../drivers.ts';
import type { PointId } from '../model/point.ts';
import type { ShownReading } from '../model/status.ts';
import type { Context } from './context.ts';
import { findDevice } from './find.ts';

/** A connection of the configuration for a command alone, with its devices. Rejects with `usage` where there is none. */
export async function openConfigured(
  configuration: Configuration,
  id: string,
  { clock, output }: Context,
): Promise<DirectConnection> {
  // What the device refuses is in the readings, with its reason.
  const observe: DriverContext['observe'] = (event, _device, detail) => {
    if (event !== 'exception' && event !== 'split-read') output.note(`${event}: ${detail}`);
  };
  const devices = configuration.devices.filter(({ connection }) => connection === id);
  return openDirectly(await configuredTarget(configuration, id, drivers), { clock, observe }, devices);
}

/**
 * Reads a device without the daemon: opens its connection, asks once, closes. `points` undefined means all of them.
 * Rejects as the driver does; what the device refuses or leaves unanswered is a bad reading.
 */
export async function readDirectly(
  configuration: Configuration,
  wanted: { readonly device: string; readonly points: readonly PointId[] | undefined },
  context: Context,
  signal: AbortSignal,
): Promise<readonly ShownReading[]> {
  const device = findDevice(configuration, wanted.device);
  await using connection = await openConfigured(configuration, device.connection, context);
  return await connection.readDevice(device, wanted.points, signal); // before it is closed
}
