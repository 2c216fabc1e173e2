import type { Processing } from '../config/configuration.ts';
import type { DriverPoint } from './driver.ts';

/** A point as the collector needs it: the driver's view, its period, and what happens to its readings. */
export type PolledPoint = DriverPoint<unknown> & { readonly every: number; readonly processing: Processing };

export type DeviceSetup = {
  readonly id: string;
  readonly profile: string | undefined;
  readonly settings: unknown;
  readonly points: readonly PolledPoint[];
};

export type ConnectionSetup = {
  readonly id: string;
  /** Parsed by the driver's connection schema. */
  readonly settings: unknown;
  readonly devices: readonly DeviceSetup[];
};
