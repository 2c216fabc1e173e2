import { addRange, type Range, type Ranges } from '../model/ranges.ts';

/** What destinations have acknowledged since the last commit, waiting to become durable with the next. */
export class Progress {
  readonly #acknowledged = new Map<string, Ranges>();
  readonly #announced = new Set<number>();
  readonly #corrected = new Set<number>();

  get isEmpty(): boolean {
    return this.#acknowledged.size + this.#announced.size + this.#corrected.size === 0;
  }

  acknowledge(destination: string, range: Range): void {
    this.#acknowledged.set(destination, addRange(this.acknowledged(destination), range));
  }

  announce(gap: number): void {
    this.#announced.add(gap);
  }

  correct(correction: number): void {
    this.#corrected.add(correction);
  }

  acknowledged(destination: string): Ranges {
    return this.#acknowledged.get(destination) ?? [];
  }

  get announced(): ReadonlySet<number> {
    return this.#announced;
  }
  get corrected(): ReadonlySet<number> {
    return this.#corrected;
  }
}
