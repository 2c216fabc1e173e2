import type { DriverDevice, DriverPoint, Session, WireEvent } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import { connectionSchema } from '../../drivers/modbus/connection-schema.ts';
import { modbus } from '../../drivers/modbus/driver.ts';
import type { DeviceSettings, PointAddress } from '../../drivers/modbus/schema.ts';
import { deviceSchema, pointSchema } from '../../drivers/modbus/schema.ts';

export type ModbusDevice = DriverDevice<DeviceSettings, PointAddress>;

/** A device as the configuration would write it; points are named by what they read and numbered in order. */
export function modbusDevice(points: readonly object[], settings: object = {}, id = 'meter'): ModbusDevice {
  return {
    id,
    settings: deviceSchema.parse(settings),
    points: points.map((point, index): DriverPoint<PointAddress> => {
      const address = pointSchema.parse(point);
      return { number: index + 1, id: `${id}/${address.read.table}-${address.read.address}`, address };
    }),
  };
}

export type Observed = { readonly event: WireEvent; readonly device: string | undefined; readonly detail: string };

export interface OpenedModbus extends AsyncDisposable {
  readonly session: Session;
  /** What the session found odd on the wire, in order. */
  readonly observed: readonly Observed[];
  /** Reads all points of a device. */
  read(device: ModbusDevice, signal?: AbortSignal): Promise<readonly Reading[]>;
}

/** A session of the real driver with a server on loopback, or where `settings` alone say. */
export async function openModbus(
  { port }: { readonly port?: number },
  devices: readonly ModbusDevice[],
  options: { readonly clock?: Clock; readonly settings?: object } = {},
): Promise<OpenedModbus> {
  const observed: Observed[] = [];
  const never = new AbortController().signal;
  const place = port === undefined ? {} : { host: '127.0.0.1', port };
  const connection = connectionSchema.parse({ ...place, ...options.settings });
  const context = {
    clock: options.clock ?? systemClock,
    connection: 'bus',
    observe: (event: WireEvent, device: string | undefined, detail: string) => {
      observed.push({ event, device, detail });
    },
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const session = await modbus.open(connection, devices, context, never);
  return {
    session,
    observed,
    read: (device, signal = never) => session.read(device, device.points, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(session[Symbol.asyncDispose]()),
  };
}

/** `100 good 100`, `102 bad no-answer`: one short line a reading, by address. */
export function shown(device: ModbusDevice, readings: readonly Reading[]): readonly string[] {
  const addresses = new Map(device.points.map((point) => [point.number, point.address.read.address]));
  return readings
    .toSorted((a, b) => a.point - b.point)
    .map(({ point, quality, value, reason }) => `${addresses.get(point)} ${quality} ${value ?? reason}`);
}
