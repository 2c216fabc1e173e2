import type { PointNumber, Reading } from '../model/reading.ts';

/**
 * The newest reading of each point that is served. A gateway takes a hundred thousand readings a second: this costs each
 * a look into an array, and nothing else is done before somebody asks.
 */
export class LatestReadings {
  readonly #readings: (Reading | undefined | null)[] = [];

  /** From now on the readings of this point are kept. */
  keep(point: PointNumber): void {
    this.#readings[point] ??= null;
  }

  /** Undefined where none has come yet. */
  of(point: PointNumber): Reading | undefined {
    return this.#readings[point] ?? undefined;
  }

  /** What a device had kept, and was read from it later, is not how things are now. */
  take(readings: readonly Reading[]): void {
    for (const reading of readings) {
      if (this.#readings[reading.point] === undefined || reading.reason === 'historical') continue;
      this.#readings[reading.point] = reading;
    }
  }
}
