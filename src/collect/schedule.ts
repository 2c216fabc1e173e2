import type { Clock } from '../model/clock.ts';

// A wall clock that moves by more than this against the monotonic one has been set, not slewed.
const STEP = 250;

/** The wall clock's distance from the monotonic one, held still until the clock is really stepped. */
export function createAlignment(clock: Clock): () => number {
  let held = clock.wall() - clock.monotonic();
  return () => {
    const offset = clock.wall() - clock.monotonic();
    if (Math.abs(offset - held) > STEP) held = offset;
    return held;
  };
}

/**
 * The next multiple of `period` on the wall clock after `now`, as monotonic milliseconds: 15 min falls on :00 :15 :30 :45.
 * @internal
 */
export function nextTick(now: number, period: number, offset: number): number {
  return (Math.floor((now + offset) / period) + 1) * period - offset;
}

type Group<Point> = {
  readonly every: number;
  readonly points: readonly Point[];
  due: number;
  /** Its last read came to nothing: it is made up for at the next occasion. */
  unread: boolean;
};

/** The points of one turn of a device. */
export type Taken<Point> = {
  readonly points: readonly Point[];
  /** Those among them that are due; the others are only made up for. */
  readonly due: readonly Point[];
  /** How many rounds were missed before it. */
  readonly missed: number;
};

/** When the points of one device are due. The first round is due at once, all others fall on multiples of their period. */
export class DeviceSchedule<Point extends { readonly every: number }> {
  /** Milliseconds, the shortest period; Infinity for a device without points. */
  readonly shortest: number;
  readonly #groups: readonly Group<Point>[];
  // The same set of points is always the same array: drivers keep their read plan by it.
  readonly #unions = new Map<string, readonly Point[]>();
  #taken: readonly Group<Point>[] = [];
  /** Whether points wait that could not be read when they were due. */
  unread = false;

  constructor(points: readonly Point[], now: number) {
    const periods = [...new Set(points.map((point) => point.every))].sort((a, b) => a - b);
    this.shortest = periods[0] ?? Infinity;
    this.#groups = periods.map((every) => ({
      every,
      points: points.filter((point) => point.every === every),
      due: now,
      unread: false,
    }));
  }

  /** Monotonic milliseconds at which the next point is due; Infinity for a device without points. */
  get due(): number {
    let earliest = Infinity;
    for (const { due } of this.#groups) if (due < earliest) earliest = due;
    return earliest;
  }

  /** The points due at `now`, which are then due again one period later, and those that are unread. */
  take(now: number, offset: number): Taken<Point> {
    const due = this.#groups.filter((group) => group.due <= now);
    const taken = this.#groups.filter((group) => group.unread || group.due <= now);
    let missed = 0;
    for (const group of due) {
      missed += Math.floor((now - group.due) / group.every);
      group.due = nextTick(now, group.every, offset);
    }
    for (const group of taken) group.unread = false;
    this.unread = false;
    this.#taken = taken;
    const points = this.#union(taken);
    return { points, due: taken.length === due.length ? points : this.#union(due), missed };
  }

  /** Nothing came of what was taken last: it is unread now. */
  putBack(): void {
    for (const group of this.#taken) group.unread = true;
    this.unread = this.#taken.length > 0;
  }

  #union(groups: readonly Group<Point>[]): readonly Point[] {
    const key = groups.map((group) => group.every).join();
    const known = this.#unions.get(key);
    if (known !== undefined) return known;
    const points = groups.flatMap((group) => group.points);
    this.#unions.set(key, points);
    return points;
  }
}
