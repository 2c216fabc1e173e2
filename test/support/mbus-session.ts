import { mbus } from '../../drivers/mbus/driver.ts';
import type { DriverContext, DriverDevice, DriverPoint, Session } from '../../src/collect/driver.ts';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Observed } from './modbus-session.ts';

export type MbusDevice = DriverDevice<unknown, unknown>;

/** A meter as a configuration would write it, with the records that are wanted of it. */
export function mbusMeter(settings: object, records: readonly (string | object)[] = [], id = 'meter'): MbusDevice {
  return {
    id,
    settings: mbus.schemas.device.parse(settings),
    points: records.map((record, index): DriverPoint<unknown> => {
      const keys = typeof record === 'string' ? { record } : record;
      return { number: index + 1, id: `${id}/point-${index + 1}`, address: mbus.schemas.point.parse(keys) };
    }),
  };
}

export interface OpenedMbus extends AsyncDisposable {
  readonly session: Session;
  readonly observed: readonly Observed[];
  /** Every frame: `sent address 5: give data`. */
  readonly traced: readonly string[];
  read(device: MbusDevice, signal?: AbortSignal): Promise<readonly Reading[]>;
}

const NEVER = new AbortController().signal;

/** A session of the real driver with the far end that `connection` leads to. */
export async function openMbus(connection: object, clock: Clock = systemClock): Promise<OpenedMbus> {
  const observed: Observed[] = [];
  const traced: string[] = [];
  const context: DriverContext = {
    clock,
    connection: 'bus',
    observe: (event, device, detail) => {
      observed.push({ event, device, detail });
    },
    answered: () => undefined,
    tap: { listener: ({ direction, meaning }) => traced.push(`${direction} ${meaning}`) },
  };
  const session = await mbus.open(mbus.schemas.connection.parse(connection), [], context, NEVER);
  if ('listen' in session) throw new Error('meters on a bus are asked');
  return {
    session,
    observed,
    traced,
    read: (device, signal = NEVER) => session.read(device, device.points, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(session[Symbol.asyncDispose]()),
  };
}

/** The value of each reading in the order of the points, and the reason where there is none. */
export function told(readings: readonly Reading[]): readonly unknown[] {
  return readings.toSorted((a, b) => a.point - b.point).map(({ value, reason }) => value ?? reason);
}
