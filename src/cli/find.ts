import type { Configuration, DeviceSettings, PointSettings } from '../config/configuration.ts';
import { choices } from '../config/nearest.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';

/** The configured device; throws `usage`, naming those that there are. */
export function findDevice({ devices }: Pick<Configuration, 'devices'>, id: string): DeviceSettings {
  const device = devices.find((each) => each.id === id);
  if (device !== undefined) return device;
  const known = devices.map((each) => each.id);
  throw new GatewayError('usage', `there is no device ${id}; ${choices(id, known, 'weir device list')}`);
}

/** The configured point of a device; throws `usage`. */
export function findPoint(device: DeviceSettings, id: PointId): PointSettings {
  const point = device.points.find(({ definition }) => definition.id === id);
  if (point !== undefined) return point;
  const known = device.points.map(({ definition }) => definition.id);
  throw new GatewayError('usage', `there is no point ${id}; ${choices(id, known, 'weir device list --json')}`);
}
