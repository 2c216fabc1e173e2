import { z } from 'zod';
import type {
  DriverContext,
  DriverDevice,
  DriverOf,
  DriverPoint,
  History,
  ListeningSession,
} from '../../src/collect/driver.ts';
import { defineDriver, type Session } from '../../src/collect/driver.ts';
import type { ValueType } from '../../src/model/point.ts';
import type { Reading } from '../../src/model/reading.ts';

type Device = DriverDevice<unknown, unknown>;
type Point = DriverPoint<unknown>;

export type Script = Pick<Session, 'write' | 'discover' | 'scan' | 'identify' | 'history'> & {
  /** Refuses the connection by throwing. */
  readonly open?: (context: DriverContext, connection: unknown) => void | Promise<void>;
  readonly read: (
    device: Device,
    points: readonly Point[],
    context: DriverContext,
    signal: AbortSignal,
  ) => Promise<readonly Reading[]>;
  readonly busTime?: number;
  readonly closed?: () => void;
};

type Scripted = Partial<DriverOf<unknown, unknown, unknown, Session>>;

/** The point's address of scripted drivers: `type` is that of its raw values, read-only where `writable` is false. */
const pointSchema = z.strictObject({
  place: z.int().min(0).max(65_535).default(0),
  type: z.enum(['bool', 'int16', 'uint16', 'uint64', 'float32', 'float64', 'string']).default('float64'),
  writable: z.boolean().default(true),
});

const schemas = {
  connection: z.strictObject({ baud: z.int().default(9_600) }),
  device: z.strictObject({ unit: z.int().min(0).max(247).default(1) }),
  point: pointSchema,
};

const describe = (address: unknown): { type: ValueType; writable: boolean } => pointSchema.parse(address);

/** A whole driver whose far end is the test itself: the collector cannot tell it from a protocol. */
export function scriptedDriver(script: Script, more: Scripted = {}) {
  const { open, read, busTime = 1, closed, ...capabilities } = script;
  return defineDriver({
    name: 'scripted',
    schemas,
    describe,
    plan: () => ({ requests: ['everything'], busTime }),
    async open(connection, _devices, context, signal): Promise<Session> {
      await open?.(context, connection);
      signal.throwIfAborted();
      return {
        read: (device, points, aborted) => read(device, points, context, aborted),
        ...capabilities,
        [Symbol.asyncDispose]: async () => closed?.(),
      };
    },
    ...more,
  });
}

/** A driver whose devices speak by themselves, as the test has them say. */
export function listeningDriver(script: {
  readonly open?: (context: DriverContext) => void | Promise<void>;
  readonly listen: ListeningSession['listen'];
  readonly history?: History;
}) {
  return defineDriver({
    name: 'listening',
    discovers: true,
    schemas,
    describe,
    async open(_connection, _devices, context, signal): Promise<ListeningSession> {
      await script.open?.(context);
      signal.throwIfAborted();
      const { listen, history } = script;
      return { listen, ...(history !== undefined && { history }), [Symbol.asyncDispose]: async () => undefined };
    },
  });
}

/** What a device answers that holds `value` in every point. */
export function goodReadings(
  points: readonly Point[],
  value: Reading['value'] & {},
  receivedTime: number,
): readonly Reading[] {
  return points.map((point) => ({ point: point.number, sourceTime: null, receivedTime, quality: 'good', value }));
}
