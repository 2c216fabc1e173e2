import type { DriverDevice } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Point } from './reading.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import type { ValueNames } from './value.ts';

export type Device = DriverDevice<DeviceSettings, PointAddress>;

/** A point in one server, for the length of one session. */
export type Item = {
  /** Id of the device. */
  readonly device: string;
  readonly point: Point;
  /** In the namespaces that the server has now; undefined where it has none of that name. */
  readonly nodeId: string | undefined;
  /** Milliseconds, where the device says so. */
  readonly sampling: number | undefined;
  /** Of an enumeration. */
  names?: ValueNames | undefined;
  /** What was read when the session began, until the server tells of it, or of what came after. */
  first?: Reading | undefined;
};
