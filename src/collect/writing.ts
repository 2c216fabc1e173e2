import { GatewayError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import { jsonValue } from '../model/show-reading.ts';
import type { Bus } from './bus.ts';
import type { DriverDevice, PointWrite } from './driver.ts';
import { isSame, rawValueOf, type GivenValue } from './raw-value.ts';
import type { CollectedPoint } from './setup.ts';

/** A configured device, as far as writing to it needs to know it. */
export type WritableDevice = {
  readonly id: string;
  readonly driver: DriverDevice<unknown, unknown>;
  readonly points: readonly CollectedPoint[];
  readonly convert: (readings: readonly Reading[]) => readonly Reading[];
};

/** Values by the name or the id of their point. */
export type GivenValues = Readonly<Record<string, GivenValue>>;

/**
 * Writes values in their points' units, and answers with what was read back, one reading for each value and in their
 * order. Rejects with `usage` for points that the device has not, with `write-refused` for values that their rules or
 * their types do not allow, both before anything is written; with `write-differs` when the device holds something else
 * than what was written; or as the bus does.
 */
export async function writePoints(
  bus: Bus,
  device: WritableDevice,
  values: GivenValues,
  signal: AbortSignal,
): Promise<readonly Reading[]> {
  const writes = Object.entries(values).map(([name, given]): Write => {
    const point = pointOf(device, name);
    return { point, given, value: rawValueOf(point, given, bus.driver.describe(point.address).type) };
  });
  refuseRepeats(writes.map(({ point }) => point.id));
  const raw = new Map((await bus.write(device.driver, writes, signal)).map((reading) => [reading.point, reading]));
  const held = writes.map(({ point }) => {
    const reading = raw.get(point.number);
    if (reading !== undefined) return reading;
    throw new GatewayError('driver-failed', `${bus.driver.name} did not read ${point.id} back`);
  });
  const shown = device.convert(held);
  const differences = writes.flatMap((write, index) => difference(write, held[index], shown[index]) ?? []);
  if (differences.length > 0) throw new GatewayError('write-differs', differences.join('\n'));
  return shown;
}

type Write = PointWrite & { readonly point: CollectedPoint; readonly given: GivenValue };

/** What a device holds other than was written, in words; it may be that it does not say. */
function difference(
  { point, given, value }: Write,
  held: Reading | undefined,
  shown: Reading | undefined,
): string | undefined {
  if (held === undefined || held.quality === 'bad' || isSame(value, held.value)) return undefined;
  const unit = point.definition.unit ?? '';
  const got = `${jsonValue(shown?.value ?? null)} ${unit}`.trimEnd();
  return `${point.id}: wrote ${given}, the device holds ${got}`;
}

function pointOf({ id, points }: WritableDevice, name: string): CollectedPoint {
  const point = points.find((each) => each.definition.name === name || each.id === name);
  if (point !== undefined) return point;
  const writable = points.filter(({ definition }) => definition.write !== undefined);
  const known = writable.map(({ definition }) => definition.name).join(', ');
  throw new GatewayError('usage', `device ${id} has no point ${name}; those that may be written: ${known || 'none'}`);
}

function refuseRepeats(ids: readonly string[]): void {
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new GatewayError('usage', `${repeated} is given two values`);
  if (ids.length === 0) throw new GatewayError('usage', 'no value is given to write');
}
