import type { PointDefaults, PointSettings } from '../config/configuration.ts';
import { definePoint } from '../config/points.ts';
import type { DiscoveredPoint, Driver } from './driver.ts';

// A device that claims to hold more is broken, or means no good: whatever it says is kept in memory and in the journal.
export const MOST_POINTS = 5_000;

/** A point as its device describes it, and what that means in the words of a configuration. */
export type DescribedPoint = { readonly name: string; readonly settings: PointSettings };

/**
 * What the points that a device describes are, as if they had been configured on it; `name` is the device's own, that of
 * the point may differ where it would not do in a configuration. `known` are points of the device that keep their names.
 */
export function definePoints(
  device: { readonly id: string; readonly described: PointDefaults },
  discovered: readonly DiscoveredPoint[],
  driver: Driver,
  known: readonly DescribedPoint[] = [],
): readonly DescribedPoint[] {
  const taken = new Set(known.map(({ settings }) => settings.definition.name));
  return discovered.slice(0, Math.max(0, MOST_POINTS - known.length)).map((point) => {
    const name = fittingName(point.name, taken);
    taken.add(name);
    return { name: point.name, settings: definePoint(name, device.id, device.described, parsed(point, driver)) };
  });
}

function parsed(point: DiscoveredPoint, driver: Driver): Parameters<typeof definePoint>[3] {
  const { address, unit, quantity, obis, kind, scale = 1, labels, every } = point;
  return {
    address,
    rawType: driver.describe(address).type,
    common: {
      ...(unit !== undefined && { unit }),
      ...(quantity !== undefined && { quantity }),
      ...(obis !== undefined && { obis }),
      ...(every !== undefined && { every }),
      kind,
      scale,
      offset: 0,
      invalid: [],
      labels,
    },
  };
}

const LONGEST_NAME = 64;

/** The nearest name that a configuration could give to a point, and that is not taken. */
export function fittingName(name: string, taken: ReadonlySet<string>): string {
  const fitting = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '') || 'point';
  for (let count = 1; ; count += 1) {
    const ending = count === 1 ? '' : `-${count}`;
    const candidate = fitting.slice(0, LONGEST_NAME - ending.length) + ending;
    if (!taken.has(candidate)) return candidate;
  }
}
