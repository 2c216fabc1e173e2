import type { Clock } from '../../src/model/clock.ts';
import { timeLine, type LineTime } from './line-time.ts';

/** A line on which requests and answers take the time of its baud, one after the other. */
export class PlayedLine {
  readonly #clock: Clock;
  readonly #time: LineTime;
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(baud: number, clock: Clock) {
    this.#clock = clock;
    this.#time = timeLine(baud);
  }

  /** Milliseconds until the first and the last byte of an answer have arrived, for a request that came this moment. */
  occupy(requestBytes: number, answerBytes: number): { readonly first: number; readonly last: number } {
    const now = this.#clock.monotonic();
    const { bytes, usualResponse } = this.#time;
    const heard = Math.max(now, this.#freeAt) + bytes(requestBytes);
    this.#freeAt = answerBytes === 0 ? heard : heard + usualResponse + bytes(answerBytes);
    return { first: heard + usualResponse + bytes(1) - now, last: this.#freeAt - now };
  }
}
