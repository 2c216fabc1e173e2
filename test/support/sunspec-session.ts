import type { DiscoveredPoint, DriverPoint } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { scaling } from '../../src/model/decimal.ts';
import type { PointAddress } from '../../drivers/modbus/schema.ts';
import { modbusDevice, openModbus, type Observed } from './modbus-session.ts';

export interface OpenedSunSpec extends AsyncDisposable {
  /** What the device described. */
  readonly points: readonly DiscoveredPoint[];
  readonly observed: readonly Observed[];
  /** All of it read: values with their units after scaling, or `bad` and the reason, by name. */
  read(): Promise<ReadonlyMap<string, string>>;
}

/** A device without points, described by itself and read as what it described. */
export async function openSunSpec(
  server: { readonly port?: number },
  settings: object = {},
  connection: object = {},
): Promise<OpenedSunSpec> {
  const never = new AbortController().signal;
  const device = modbusDevice([], settings, 'roof');
  const { session, observed, ...opened } = await openModbus(server, [device], { settings: connection });
  const points = (await session.discover?.(device, never)) ?? [];
  const numbered = points.map(({ name, address }, index): DriverPoint<PointAddress> => ({
    number: index + 1,
    id: `roof/${name}`,
    address: address as PointAddress,
  }));
  const described = { ...device, points: numbered };
  return {
    points,
    observed,
    read: async () => {
      const readings = await session.read(described, numbered, never);
      return new Map(
        readings.toSorted((a, b) => a.point - b.point).map((reading) => shown(reading, points[reading.point - 1])),
      );
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function shown({ quality, value, reason }: Reading, point: DiscoveredPoint | undefined): readonly [string, string] {
  const { name = '', unit, scale = 1 } = point ?? {};
  if (quality === 'bad') return [name, `bad ${reason}`];
  const scaled = typeof value === 'number' || typeof value === 'bigint' ? scaling(scale, 0)(value) : value;
  return [name, unit === undefined ? `${scaled}` : `${scaled} ${unit}`];
}
