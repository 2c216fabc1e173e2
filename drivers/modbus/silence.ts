import type { Block } from './plan.ts';

// Milliseconds. Half a minute, so that a block is back within a minute even when others have their turn before it.
const FIRST_REST = 1_000;
const LONGEST_REST = 30_000;
const REST_AFTER_FAILED_PROBE = 9;

type Silence = { readonly failures: number; readonly retryAt: number };

/**
 * The blocks of a session that stay silent although their device answers others. Each rests by itself, longer after
 * each failure in a row; all together they take a tenth of the bus at most, since every probe waits a whole timeout.
 */
export class SilentBlocks {
  readonly #known = new WeakMap<Block, Silence>();
  /** Monotonic milliseconds before which none is asked. */
  #probeAt = Number.NEGATIVE_INFINITY;

  has(block: Block): boolean {
    return this.#known.has(block);
  }

  /** Of the silent ones among `blocks` the one to ask now: whose rest has been over for longest. */
  due<B extends Block>(blocks: readonly B[], now: number): B | undefined {
    if (now < this.#probeAt) return undefined;
    const retryAt = (block: B): number => this.#known.get(block)?.retryAt ?? Infinity;
    return blocks.filter((block) => retryAt(block) <= now).toSorted((a, b) => retryAt(a) - retryAt(b))[0];
  }

  answered(block: Block): void {
    this.#known.delete(block);
  }

  /** It was asked at `began` and had not answered by `now`. */
  unanswered(block: Block, began: number, now: number): void {
    const failures = this.#known.get(block)?.failures ?? 0;
    if (failures > 0) this.#probeAt = now + (now - began) * REST_AFTER_FAILED_PROBE;
    const rest = Math.min(LONGEST_REST, FIRST_REST * 2 ** failures);
    this.#known.set(block, { failures: failures + 1, retryAt: now + rest });
  }
}
