import { z } from 'zod';
import type { DriverDevice, DriverPoint, DriverContext, Session } from '../../src/collect/driver.ts';
import { defineDriver } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';

type Device = DriverDevice<unknown, unknown>;
type Point = DriverPoint<unknown>;

export type Script = {
  /** Refuses the connection by throwing. */
  readonly open?: (context: DriverContext) => void | Promise<void>;
  readonly read: (device: Device, points: readonly Point[], context: DriverContext) => Promise<readonly Reading[]>;
  readonly busTime?: number;
};

/** A whole driver whose far end is the test itself: the collector cannot tell it from a protocol. */
export function scriptedDriver(script: Script) {
  return defineDriver({
    name: 'scripted',
    schemas: { connection: z.object({}), device: z.object({}), point: z.object({}) },
    describe: () => ({ type: 'float64', writable: false }),
    plan: () => ({ requests: ['everything'], busTime: script.busTime ?? 1 }),
    async open(_connection, _devices, context, signal): Promise<Session> {
      await script.open?.(context);
      signal.throwIfAborted();
      return {
        read: (device, points) => script.read(device, points, context),
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
  });
}

/** What a device answers that holds `value` in every point. */
export function goodReadings(points: readonly Point[], value: number, receivedTime: number): readonly Reading[] {
  return points.map((point) => ({ point: point.number, sourceTime: null, receivedTime, quality: 'good', value }));
}
