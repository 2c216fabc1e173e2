import type { DriverDevice, DriverPoint, PointWrite } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Reading, Value } from '../../src/model/reading.ts';
import { fieldsOf, judgeFactor } from './factors.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';

type Device = DriverDevice<DeviceSettings, PointAddress>;
type Points = readonly DriverPoint<PointAddress>[];
type Write = PointWrite & { readonly point: DriverPoint<PointAddress> };

/**
 * The values as the device is to hold them: what `read` multiplies by a scale factor is divided by it, exactly in
 * decimal. Scale factors are read first. Rejects with `device-refused` where one cannot be had, or as the read does.
 */
export async function unscale(
  device: Device,
  writes: readonly Write[],
  read: (points: Points) => Promise<readonly Reading[]>,
): Promise<readonly Write[]> {
  const fields = fieldsOf(
    device,
    writes.map(({ point }) => point),
  );
  const factors = fields.filter(({ isFactor }) => isFactor).map(({ point }) => point);
  if (factors.length === 0) return writes;
  const readings = new Map((await read(factors)).map((reading) => [reading.point, reading]));
  return writes.map((write, index) => {
    const scaledBy = fields[index]?.scaledBy;
    if (scaledBy === undefined) return write;
    const power = powerOf(write.point.id, readings.get(scaledBy.factor)) + scaledBy.shift;
    return { ...write, value: shifted(write.value, -power) };
  });
}

function powerOf(id: string, reading: Reading | undefined): number {
  const power = judgeFactor(reading?.value ?? undefined);
  if (typeof power === 'number') return power;
  const reason = reading?.reason ?? 'no power of ten';
  throw new GatewayError('device-refused', `${id}: its scale factor cannot be had (${reason}): nothing was written`);
}

/** `value` × 10^`power` as its decimal text says: 0.29 × 10^2 is 29. What is no number is left as it is. */
function shifted(value: Value, power: number): Value {
  if (typeof value === 'bigint') return shiftedInteger(value, power);
  if (typeof value !== 'number') return value;
  const [digits = '', own = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(own) + power}`);
}

function shiftedInteger(value: bigint, power: number): number | bigint {
  const unit = 10n ** BigInt(Math.abs(power));
  if (power >= 0) return value * unit;
  return value % unit === 0n ? value / unit : Number(`${value}e${power}`);
}
