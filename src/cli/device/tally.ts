import type { ShownReading } from '../../model/status.ts';

/** What was read of one point or place, and whatever unit and state it has. */
export type Observed = Omit<ShownReading, 'time'>;

/** What was seen of one point or place since the watch began. */
export type Tally = {
  readonly latest: Observed;
  /** The latest read found another value, or none, than the one before. */
  readonly changed: boolean;
  readonly changes: number;
  readonly reads: number;
  readonly bad: number;
  /** Of the numbers among the values. */
  readonly least: number | undefined;
  readonly greatest: number | undefined;
};

const NOTHING = { changes: 0, reads: 0, bad: 0, least: undefined, greatest: undefined } as const;

/** The tally with one more observation; `before` is undefined at the first. */
export function tallied(before: Tally | undefined, latest: Observed): Tally {
  const { changes, reads, bad, least, greatest } = before ?? NOTHING;
  const changed = before !== undefined && before.latest.value !== latest.value;
  const value = typeof latest.value === 'number' ? latest.value : undefined;
  return {
    latest,
    changed,
    changes: changes + Number(changed),
    reads: reads + 1,
    bad: bad + Number(latest.quality === 'bad'),
    least: chosen(Math.min, least, value),
    greatest: chosen(Math.max, greatest, value),
  };
}

type Choice = (a: number, b: number) => number;

function chosen(choose: Choice, a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : choose(a, b);
}
