import type { Ranges } from './ranges.ts';

/** What a destination is to be sent once more: sequences, or what was read from one wall millisecond to another. */
export type RewindSpan = { readonly ranges: Ranges } | { readonly from: number; readonly to: number };

/** What becomes of it. */
export type Rewound = {
  /** What the journal still holds of it. */
  readonly kept: Ranges;
  /** What retention has taken: the destination is told that it is lost. Empty where times were asked for. */
  readonly gone: Ranges;
};
