import type { DriverContext, DriverDevice, DriverPoint, Session, WireEvent } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Reading, Value } from '../../src/model/reading.ts';
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
  /** Milliseconds of each answered request, by device. */
  readonly answered: readonly (readonly [device: string, milliseconds: number])[];
  /** Every frame, in both directions: `sent unit 1: read coil 5, 1 bit`. */
  readonly traced: readonly string[];
  /** Reads all points of a device. */
  read(device: ModbusDevice, signal?: AbortSignal): Promise<readonly Reading[]>;
  /** Writes a raw value to each of the first points of a device. */
  write(device: ModbusDevice, values: readonly Value[], signal?: AbortSignal): Promise<readonly Reading[]>;
}

/** A session of the real driver with a server on loopback, or with whatever `settings` lead to. */
export async function openModbus(
  server: { readonly port?: number },
  devices: readonly ModbusDevice[],
  options: { readonly clock?: Clock; readonly settings?: object } = {},
): Promise<OpenedModbus> {
  const observed: Observed[] = [];
  const answered: (readonly [string, number])[] = [];
  const traced: string[] = [];
  const never = new AbortController().signal;
  const target = server.port === undefined ? {} : { host: '127.0.0.1', port: server.port };
  const connection = connectionSchema.parse({ ...target, ...options.settings });
  const context: DriverContext = {
    clock: options.clock ?? systemClock,
    connection: 'bus',
    observe: (event, device, detail) => {
      observed.push({ event, device, detail });
    },
    answered: (device, milliseconds) => {
      answered.push([device, milliseconds]);
    },
    tap: { listener: ({ direction, meaning }) => traced.push(`${direction} ${meaning}`) },
  };
  const session = await modbus.open(connection, devices, context, never);
  return {
    session,
    observed,
    answered,
    traced,
    read: (device, signal = never) => session.read(device, device.points, signal),
    write: (device, values, signal = never) => {
      const writes = values.flatMap((value, index) => {
        const point = device.points[index];
        return point === undefined ? [] : [{ point, value }];
      });
      return session.write?.(device, writes, signal) ?? Promise.reject(new Error('modbus can write'));
    },
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
