import type { PointNumber, Reading } from '../model/reading.ts';

/**
 * The newest reading of each point that is served. A gateway takes a hundred thousand readings a second: this costs each
 * a look into an array, and those that are served a place in a set.
 */
export class LatestReadings {
  readonly #readings: (Reading | undefined | null)[] = [];
  readonly #new = new Set<PointNumber>();

  /** From now on the readings of this point are kept. */
  keep(point: PointNumber): void {
    this.#readings[point] ??= null;
  }

  /** What a device had kept, and was read from it later, is not how things are now. */
  take(readings: readonly Reading[]): void {
    for (const reading of readings) {
      if (this.#readings[reading.point] === undefined || reading.reason === 'historical') continue;
      this.#readings[reading.point] = reading;
      this.#new.add(reading.point);
    }
  }

  /** Those that came since the last call; all of them after `beginAnew`. */
  takeNew(): readonly Reading[] {
    const readings = [...this.#new].flatMap((point) => this.#readings[point] ?? []);
    this.#new.clear();
    return readings;
  }

  beginAnew(): void {
    for (const reading of this.#readings) if (reading) this.#new.add(reading.point);
  }
}
