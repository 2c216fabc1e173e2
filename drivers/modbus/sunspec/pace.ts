/** How often the points of a model are worth reading: with every poll, at most every so many milliseconds, or not at all. */
export type Pace = 'always' | number | 'never';

const HOUR = 3_600_000;
const TEN_MINUTES = 600_000;

const PACES: readonly { readonly from: number; readonly to: number; readonly pace: Pace }[] = [
  { from: 1, to: 1, pace: HOUR }, // what the device is
  { from: 2, to: 2, pace: 'always' },
  { from: 3, to: 19, pace: 'never' }, // signatures and communication
  { from: 120, to: 120, pace: HOUR }, // ratings
  { from: 121, to: 121, pace: TEN_MINUTES }, // settings
  { from: 122, to: 122, pace: 'always' },
  { from: 123, to: 123, pace: TEN_MINUTES },
  { from: 124, to: 124, pace: 'always' }, // settings of storage, but its state too
  { from: 125, to: 125, pace: TEN_MINUTES },
  { from: 126, to: 144, pace: 'never' }, // curves
  { from: 145, to: 145, pace: TEN_MINUTES },
  { from: 702, to: 702, pace: HOUR },
  { from: 703, to: 704, pace: TEN_MINUTES },
  { from: 705, to: 712, pace: 'never' },
  { from: 715, to: 715, pace: TEN_MINUTES },
];

/** Measurements and states where the table has none. */
export function paceOf(model: number): Pace {
  return PACES.find(({ from, to }) => from <= model && model <= to)?.pace ?? 'always';
}
