/**
 * Carries APDUs to one meter and its answers back, one at a time. Every method rejects with `no-answer` where the meter
 * stays silent, `answer-malformed` where it breaks the rules, `connection-lost` where the wire is gone, or the signal's
 * reason.
 */
export interface Link {
  /** Makes the way to the meter; what came before is forgotten. Rejects with `device-refused` too. */
  connect(signal: AbortSignal): Promise<void>;
  /** `take` makes of an APDU what is asked for; undefined where it answers something else. What it throws is thrown. */
  exchange<T>(apdu: Buffer, take: (answer: Buffer) => T | undefined, signal: AbortSignal): Promise<T>;
  /**
   * What the meter sends without being asked again, as `exchange` takes it; undefined where nothing comes in time. Absent
   * where it does not speak unasked.
   */
  next?<T>(take: (answer: Buffer) => T | undefined, signal: AbortSignal): Promise<T | undefined>;
  /** Lets go of the meter; that it does not answer is no matter. */
  disconnect(signal: AbortSignal): Promise<void>;
}

/** How long a meter may take, and how often it is asked again. */
export type Patience = {
  /** Milliseconds. */
  readonly timeout: number;
  readonly retries: number;
};
