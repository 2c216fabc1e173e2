import type { Configuration, DeviceSettings, PointSettings } from '../config/configuration.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointId } from '../model/point.ts';

/** The configured device; throws `usage`, naming those that there are. */
export function findDevice({ devices }: Pick<Configuration, 'devices'>, id: string): DeviceSettings {
  const device = devices.find((each) => each.id === id);
  if (device !== undefined) return device;
  throw new GatewayError('usage', `there is no device ${id}; there are: ${devices.map((each) => each.id).join(', ')}`);
}

/** The configured point of a device; throws `usage`. */
export function findPoint(device: DeviceSettings, id: PointId): PointSettings {
  const point = device.points.find(({ definition }) => definition.id === id);
  if (point !== undefined) return point;
  throw new GatewayError('usage', `there is no point ${id}; \`weir device list --json\` names them all`);
}
