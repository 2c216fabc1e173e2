import { LONGEST_FRAME } from './frame.ts';

const BITS_A_CHARACTER = 11; // EN 13757-2, 5.3: start, eight data, parity and stop
// EN 13757-2, 5.5.2: a meter begins to answer 11 bits after the request at the earliest, 330 bits and 50 ms at the latest.
const LEAST_BITS_BEFORE_ANSWER = 11;
const MOST_BITS_BEFORE_ANSWER = 330;
const MOST_BEFORE_ANSWER = 50;
// The same, 5.5.3: what the line has to be quiet after a disturbance.
const BITS_AFTER_DISTURBANCE = 33;

/** How long things take on a line, in milliseconds. */
export type LineTime = {
  readonly bytes: (count: number) => number;
  /** Silence between an answer and the next request. */
  readonly gap: number;
  readonly gapAfterDisturbance: number;
  /** What a meter that keeps to the standard takes at most before it answers. */
  readonly longestResponse: number;
  /** What it takes as a rule. */
  readonly usualResponse: number;
  readonly longestFrame: number;
};

export function timeLine(baud: number): LineTime {
  const bits = (count: number): number => (count * 1_000) / baud;
  const bytes = (count: number): number => bits(count * BITS_A_CHARACTER);
  return {
    bytes,
    gap: bits(LEAST_BITS_BEFORE_ANSWER),
    gapAfterDisturbance: bits(BITS_AFTER_DISTURBANCE),
    longestResponse: bits(MOST_BITS_BEFORE_ANSWER) + MOST_BEFORE_ANSWER,
    usualResponse: bits(MOST_BITS_BEFORE_ANSWER) / 2,
    longestFrame: bytes(LONGEST_FRAME),
  };
}
