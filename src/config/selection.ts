import type { Selection } from './configuration.ts';
import type { PointDefinition } from '../model/point.ts';

function allows<T>(list: readonly T[] | undefined, value: T | undefined): boolean {
  return list === undefined || (value !== undefined && list.includes(value));
}

/** Whether the readings of `point` go to a destination with this selection: every list that is there must match. */
export function isSelected(selection: Selection, point: PointDefinition): boolean {
  return (
    allows(selection.domain, point.domain) &&
    allows(selection.device, point.device) &&
    allows(selection.point, point.id) &&
    allows(selection.class, point.class) &&
    Object.entries(selection.label ?? {}).every(([name, values]) => allows(values, point.labels[name]))
  );
}
