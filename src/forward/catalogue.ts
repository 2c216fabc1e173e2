import type { Selection } from '../config/configuration.ts';
import { corrupt } from '../journal/codec.ts';
import type { PointDefinition } from '../model/point.ts';
import type { PointNumber } from '../model/reading.ts';
import { isSelected } from '../config/selection.ts';
import type { CataloguePoint, PointLookup } from './format.ts';

/** The points that a destination knows of. */
export type Catalogue = {
  /** One definition for each id: today's, or the last one of a point that is no longer configured. */
  readonly points: readonly CataloguePoint[];
  readonly lookup: PointLookup;
};

/**
 * The catalogue over all points ever interned; `current` are the numbers of today's configuration. A point's class,
 * domain and labels of today decide whether its earlier readings are selected too: the centre knows one point, not two.
 */
export function catalogueOf(
  points: ReadonlyMap<PointNumber, PointDefinition>,
  current: readonly PointNumber[],
  selection: Selection,
): Catalogue {
  const today = new Map<string, CataloguePoint>();
  for (const [number, definition] of points) today.set(definition.id, { number, definition });
  for (const number of current) {
    const definition = points.get(number);
    if (definition !== undefined) today.set(definition.id, { number, definition });
  }
  return {
    points: [...today.values()].filter(({ definition }) => isSelected(selection, definition)),
    lookup: (number) => {
      const definition = points.get(number);
      if (definition === undefined) throw corrupt(`it names the point ${number}, which was never interned`);
      const shown = today.get(definition.id) ?? { number, definition };
      if (!isSelected(selection, shown.definition)) return null;
      const formerUnit = definition.unit === shown.definition.unit ? undefined : (definition.unit ?? '');
      return { ...shown, formerUnit };
    },
  };
}
