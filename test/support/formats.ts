import type { Message } from '../../src/forward/destination.ts';
import type { KnownPoint, ReadableBatch, SessionFacts } from '../../src/forward/format.ts';
import type { LatestReadings } from '../../src/forward/latest.ts';
import { DevicePresence } from '../../src/forward/presence.ts';
import { createDecoder } from '../../src/journal/decode.ts';
import { createEncoder } from '../../src/journal/encode.ts';
import type { PointDefinition } from '../../src/model/point.ts';
import type { Reading } from '../../src/model/reading.ts';

export const identity = { gateway: 'harbour-07', epoch: '6f1c9a2e' };

/** 2026-11-22T09:15:00.000Z. */
export const START = Date.UTC(2026, 10, 22, 9, 15);

/** A point as a format is told of it; `id` is `device/name`. */
export function knownPoint(id: string, number: number, changes: Partial<PointDefinition> = {}): KnownPoint {
  const [device = '', name = ''] = id.split('/');
  const common = { type: 'float64', kind: 'gauge', class: 'normal', labels: {} } as const;
  return { number, formerUnit: undefined, definition: { id, device, name, ...common, ...changes } };
}

const noReadings: LatestReadings = { upto: 0, of: () => undefined };

/** What a format is told when its session begins, unless a test says otherwise. */
export function sessionFacts(changes: Partial<SessionFacts> = {}): SessionFacts {
  const presence = new DevicePresence(new Map());
  return {
    identity,
    options: {},
    connection: 0,
    latest: noReadings,
    presence,
    commands: false,
    replay: false,
    now: START,
    ...changes,
  };
}

export type Taken = Partial<Reading> & { readonly value: Reading['value'] };

/** Readings as they come out of the journal, the first of them of point 0 unless it says otherwise. */
export function batchOf(readings: readonly Taken[], first = 1): ReadableBatch {
  const columns = createEncoder();
  for (const taken of readings) {
    columns.add({ point: 0, sourceTime: null, receivedTime: 0, quality: 'good', ...taken } as Reading);
  }
  return { columns: createDecoder()(columns.seal()), first, offset: START };
}

/** The only message. */
export function only(messages: readonly Message[]): Message {
  const [message, ...others] = messages;
  if (message === undefined || others.length > 0) throw new Error(`${messages.length} messages instead of one`);
  return message;
}
