import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';

// Two clients with one id throw each other out for ever, and many brokers do not say so: Mosquitto 2.0, and whoever speaks
// MQTT 3.1.1, just close the connection. What shows it is that connections end soon, one after the other, with nothing on
// their way that could be to blame, and that the broker lets us in again each time.

/** Milliseconds after which a session has shown that nobody minds it. */
export const LASTING = 60_000;

const SOON = 10_000; // milliseconds
const ENDS_TO_SUSPECT = 3; // a broker is restarted twice now and then

const SUSPICION = 'is a second gateway running with the same gateway.id?';

/** Whether somebody else uses our client id, from how the connections to one destination end. Outlives them. */
export class Rivalry {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #connectedAt = 0;
  /** How the connection ended that was made last; undefined once it was judged. */
  #ending: { readonly lasted: number; readonly idle: boolean } | undefined;
  #ends = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  get isSuspected(): boolean {
    return this.#ends >= ENDS_TO_SUSPECT;
  }

  connected(): void {
    this.#connectedAt = this.#clock.monotonic();
  }

  /** The connection is over; `idle`: no data message was on its way. */
  ended(idle: boolean): void {
    this.#ending = { lasted: this.#clock.monotonic() - this.#connectedAt, idle };
  }

  /** Given what it ended with, or why none could be made; `ours`: by our own wish. Returns what to say of it. */
  judge(error: GatewayError, ours: boolean): GatewayError {
    const { lasted, idle } = this.#ending ?? { lasted: 0, idle: false };
    this.#ending = undefined;
    // Who cannot be reached was gone himself, and nobody has thrown us out.
    if (lasted >= LASTING || error.code === 'destination-unreachable') this.#ends = 0;
    if (ours || error.code !== 'destination-lost') return error;
    if (idle && lasted < SOON) this.#ends += 1;
    if (!this.isSuspected) return error;
    const text = `${error.message}, soon after the connection was made, ${this.#ends} times by now: ${SUSPICION}`;
    return new GatewayError(error.code, text, { cause: error });
  }
}
