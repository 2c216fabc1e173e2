import type { CheckedPoint, CheckedProfile } from './profile-checked.ts';

type PlacedPoint = CheckedPoint & { readonly place: NonNullable<CheckedPoint['place']> };

/** Complains of points that lie on each other, and of what decides how they are read but is not said. */
export function checkPlaces(profile: CheckedProfile): void {
  const placed = profile.points.filter((point): point is PlacedPoint => point.place !== undefined);
  checkOverlaps(placed);
  checkNeeds(profile, placed);
}

function checkOverlaps(points: readonly PlacedPoint[]): void {
  points.forEach((point, index) => {
    // Told once, at the later of two: there it was most likely copied and not changed.
    const rival = points.slice(0, index).find((other) => collide(point, other));
    if (rival === undefined) return;
    const addressed = point.section.at('read').tree === undefined ? point.section : point.section.at('read');
    addressed.complain(
      `${point.place.text} is part of ${rival.name} already (${rival.place.text})`,
      'correct its address or type, or remove one of them; a whole word beside its bits is of kind state',
    );
  });
}

/** Two points share a place rightly only where one is a whole word, kept as a state, and the other some bits of it. */
function collide(a: PlacedPoint, b: PlacedPoint): boolean {
  const { place: one } = a;
  const { place: other } = b;
  const apart = one.space !== other.space || one.last < other.first || other.last < one.first;
  return !apart && !isPartOf(a, b) && !isPartOf(b, a);
}

function isPartOf({ place: part }: PlacedPoint, { place: whole, settings }: PlacedPoint): boolean {
  return part.isPart && !whole.isPart && settings.definition.kind === 'state';
}

function checkNeeds({ profile, advice }: CheckedProfile, points: readonly PlacedPoint[]): void {
  for (const key of new Set(points.flatMap(({ place }) => place.needs))) {
    if (advice.at('device', key).tree !== undefined) continue;
    const [first] = points.filter(({ place }) => place.needs.includes(key));
    const advised = `add it, also where it is as usual: ${profile.document.title} says which`;
    advice.at('device', key).complain(`is missing, and ${first?.name ?? 'a point'} depends on it`, advised);
  }
}
