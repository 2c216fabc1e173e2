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

type Group<Point> = { readonly every: number; readonly points: readonly Point[]; due: number };

/** When the points of one device are due. The first round is due at once, all others fall on multiples of their period. */
export class DeviceSchedule<Point extends { readonly every: number }> {
  readonly #groups: readonly Group<Point>[];
  // The same set of points is always the same array: drivers keep their read plan by it.
  readonly #unions = new Map<string, readonly Point[]>();

  constructor(points: readonly Point[], now: number) {
    const periods = [...new Set(points.map((point) => point.every))].sort((a, b) => a - b);
    this.#groups = periods.map((every) => ({
      every,
      points: points.filter((point) => point.every === every),
      due: now,
    }));
  }

  /** Monotonic milliseconds at which the next point is due; Infinity for a device without points. */
  get due(): number {
    return this.#groups.reduce((earliest, group) => Math.min(earliest, group.due), Infinity);
  }

  /** The points due at `now`, which are then due again one period later, and how many rounds were missed. */
  take(now: number, offset: number): { readonly points: readonly Point[]; readonly missed: number } {
    const due = this.#groups.filter((group) => group.due <= now);
    let missed = 0;
    for (const group of due) {
      missed += Math.floor((now - group.due) / group.every);
      group.due = nextTick(now, group.every, offset);
    }
    return { points: this.#union(due), missed };
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
