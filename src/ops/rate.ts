const SECONDS = 10;

/** Counts things, and tells how many came per second over the last ten whole seconds. Times in milliseconds, of any clock. */
export class Rate {
  readonly #slots = Array.from({ length: SECONDS + 1 }, () => ({ second: -1, count: 0 }));
  #first: number | undefined;
  total = 0;

  add(now: number, count: number): void {
    this.total += count;
    const second = Math.floor(now / 1000);
    this.#first ??= second;
    const slot = this.#slots[second % this.#slots.length];
    if (slot === undefined) return;
    if (slot.second !== second) Object.assign(slot, { second, count: 0 });
    slot.count += count;
  }

  perSecond(now: number): number {
    const current = Math.floor(now / 1000);
    const seconds = Math.min(SECONDS, Math.max(1, current - (this.#first ?? current)));
    const recent = this.#slots.filter(({ second }) => second < current && second >= current - seconds);
    return recent.reduce((sum, { count }) => sum + count, 0) / seconds;
  }
}
