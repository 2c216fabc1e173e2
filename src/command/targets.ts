import type { Bus } from '../collect/bus.ts';
import { rawValueOf, type GivenValue } from '../collect/raw-value.ts';
import { writePoints, type WritableDevice } from '../collect/writing.ts';
import type { CommandStatus } from '../model/command.ts';
import { GatewayError, messageOf, type ErrorCode } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';
import type { Reading } from '../model/reading.ts';
import { jsonValue } from '../model/show-reading.ts';
import { refusal, type Refusal } from './parse.ts';

/** A bus with its devices, as far as commands need to know it. */
export type CommandedBus = Bus & { readonly devices: readonly WritableDevice[] };

/** A point that a value was found to be allowed for. */
export type Target = {
  readonly bus: CommandedBus;
  readonly device: WritableDevice;
  readonly point: PointId;
  readonly value: GivenValue;
};

/** What became of a write: whether the device did it, a word for it, and what the device holds now. */
export type Outcome = {
  readonly status: Exclude<CommandStatus, 'rejected'>;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly value: number | string | boolean | null;
};

/** Where a value for a point goes; a refusal where there is no such point, or its rule or type does not allow the value. */
export function findTarget(buses: readonly CommandedBus[], point: PointId, value: GivenValue): Target | Refusal {
  for (const bus of buses) {
    for (const device of bus.devices) {
      const found = device.points.find(({ id }) => id === point);
      if (found === undefined) continue;
      try {
        rawValueOf(found, value, bus.driver.describe(found.address).type);
        return { bus, device, point, value };
      } catch (error) {
        if (error instanceof GatewayError && error.code === 'write-refused')
          return refusal('out-of-range', error.message);
        throw error;
      }
    }
  }
  return refusal('not-allowed', `there is no point ${point}`);
}

/** Writes ahead of everything else on its bus, and reads back. Never rejects: what went wrong is the outcome. */
export async function writeTarget({ bus, device, point, value }: Target, signal: AbortSignal): Promise<Outcome> {
  try {
    const [held] = await writePoints(bus, device, { [point]: value }, signal);
    return outcomeOf(held);
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : 'failed';
    const { status, reason } = outcomes[code] ?? { status: 'unknown', reason: code };
    return { status, reason, detail: messageOf(error), value: null };
  }
}

function outcomeOf(held: Reading | undefined): Outcome {
  if (held !== undefined && held.quality !== 'bad') {
    return { status: 'done', reason: null, detail: null, value: jsonValue(held.value) };
  }
  const detail = `it was written, and cannot be read back: ${held?.reason ?? 'no reading'}`;
  return { status: 'unknown', reason: 'not-read-back', detail, value: null };
}

/** What is known by how a write fails; all that is not here may have reached the device. */
const outcomes: { readonly [Code in ErrorCode]?: { readonly status: Outcome['status']; readonly reason: string } } = {
  'write-differs': { status: 'failed', reason: 'differs' },
  'device-refused': { status: 'failed', reason: 'refused' },
  'connection-failed': { status: 'failed', reason: 'not-connected' },
  'bus-busy': { status: 'failed', reason: 'bus-busy' },
  'write-refused': { status: 'failed', reason: 'out-of-range' },
  usage: { status: 'failed', reason: 'not-writable' },
};
