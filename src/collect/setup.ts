import type { PointDefaults, PointSettings, Processing } from '../config/configuration.ts';
import type { PointDefinition } from '../model/point.ts';
import type { PointNumber } from '../model/reading.ts';
import type { DriverPoint } from './driver.ts';

/** A point as the collector needs it: the driver's view, its period, what happens to its readings, what it is. */
export type CollectedPoint = DriverPoint<unknown> & {
  readonly every: number;
  readonly processing: Processing;
  readonly definition: PointDefinition;
};

/** A point of the configuration, under the number that the journal gave it. */
export function collectedPoint(settings: PointSettings, number: PointNumber | undefined): CollectedPoint {
  const { definition, address, every, processing } = settings;
  if (number === undefined) throw new TypeError(`the journal gave ${definition.id} no number`);
  return { number, id: definition.id, address, every, processing, definition };
}

export type DeviceSetup = {
  readonly id: string;
  readonly profile: string | undefined;
  /** Parsed by the driver's device schema. */
  readonly settings: unknown;
  readonly points: readonly CollectedPoint[];
  /** What the points get that the device describes by itself; undefined where its points are configured. */
  readonly described: PointDefaults | undefined;
  /** Milliseconds by which its clock may be off; absent: as usual. */
  readonly clockBound?: number;
};

export type ConnectionSetup = {
  readonly id: string;
  /** Parsed by the driver's connection schema. */
  readonly settings: unknown;
  readonly devices: readonly DeviceSetup[];
};
