import type { DriverContext, DriverDevice } from '../collect/driver.ts';
import { compileProcessing } from '../collect/processing.ts';
import type { Configuration } from '../config/configuration.ts';
import { showReading } from '../control/show-reading.ts';
import { drivers } from '../drivers.ts';
import type { PointId } from '../model/point.ts';
import type { ShownReading } from '../model/status.ts';
import type { Context } from './context.ts';
import { findDevice, findPoint } from './find.ts';

/**
 * Reads a device without the daemon: opens its connection, asks once, closes. `points` undefined means all of them.
 * Rejects as the driver does; what the device refuses or leaves unanswered is a bad reading.
 */
export async function readDirectly(
  configuration: Configuration,
  wanted: { readonly device: string; readonly points: readonly PointId[] | undefined },
  { clock, output }: Context,
  signal: AbortSignal,
): Promise<readonly ShownReading[]> {
  const device = findDevice(configuration, wanted.device);
  const connection = configuration.connections.find(({ id }) => id === device.connection);
  const load = Object.entries(drivers).find(([name]) => name === connection?.driver)?.[1];
  if (connection === undefined || load === undefined) {
    throw new TypeError(`the configuration let device ${device.id} pass without a connection that works`);
  }
  const points = wanted.points?.map((id) => findPoint(device, id)) ?? device.points;
  const numbered = new Map(points.entries());
  const asked: DriverDevice<unknown, unknown> = {
    id: device.id,
    settings: device.settings,
    points: [...numbered].map(([number, { definition, address }]) => ({ number, id: definition.id, address })),
  };
  const driver = await load();
  // What the device refuses is in the readings, with its reason.
  const observe: DriverContext['observe'] = (event, _device, detail) => {
    if (event !== 'exception' && event !== 'split-read') output.note(`${event}: ${detail}`);
  };
  const context = {
    clock,
    connection: connection.id,
    observe,
    answered: () => undefined,
    tap: { listener: undefined },
  };
  await using session = await driver.open(connection.settings, [asked], context, signal);
  const readings = await session.read(asked, asked.points, signal);
  const offset = clock.wall() - clock.monotonic();
  return readings.flatMap((reading) => {
    const point = numbered.get(reading.point);
    if (point === undefined) return [];
    const { convert } = compileProcessing(point.processing);
    return showReading(convert?.(reading) ?? reading, point.definition, offset);
  });
}
