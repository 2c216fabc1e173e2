import type { Clock } from '../model/clock.ts';
import { isoTime } from '../model/clock.ts';
import type { Reason } from '../model/reading.ts';
import type { DeviceStatus } from '../model/status.ts';
import type { Report } from '../ops/events.ts';
import { backoffDelay, type Backoff } from '../ops/supervise.ts';

// Half a minute at most, so that a device is back within a minute even when others have their turn before it.
const REST: Backoff = { first: 1_000, longest: 30_000, jitter: 0.2 };

// A device that answers and describes nothing mostly does so until somebody changes its firmware or the configuration.
const UNDESCRIBED_REST: Backoff = { first: 60_000, longest: 3_600_000, jitter: 0.2 };

// After some wrong passwords in a row devices refuse everybody for an hour or a day.
const REFUSED_REST: Backoff = { first: 900_000, longest: 3_600_000, jitter: 0.1 };

/** Why nothing is read of a device that answers. */
type Trouble = { readonly code: NonNullable<DeviceStatus['errorCode']>; readonly error: string };

/** Whether a device is there: what its answers and silences mean, and when it is tried again. */
export class DeviceHealth {
  readonly #id: string;
  readonly #clock: Clock;
  readonly #report: Report;
  #state: DeviceStatus['state'] = 'unknown';
  #since: number;
  /** Monotonic milliseconds of the announcement that it is lost. */
  #lostAt: number | undefined;
  #reason: Reason | undefined;
  #trouble: Trouble | undefined;
  #silences = 0;
  #undescribed = 0;
  #refusals = 0;
  #failures = 0;
  #restUntil = -Infinity;

  constructor(id: string, clock: Clock, report: Report) {
    this.#id = id;
    this.#clock = clock;
    this.#report = report;
    this.#since = clock.wall();
  }

  /** It answered when it was last asked, over this connection. */
  get up(): boolean {
    return this.#state === 'up';
  }

  /** It stayed silent when it was last asked: another attempt is a probe. */
  get silent(): boolean {
    return this.#silences > 0;
  }

  /** It did not let us in when it was last asked. */
  get refuses(): boolean {
    return this.#refusals > 0;
  }

  /** Monotonic milliseconds before which it is left alone. */
  get restUntil(): number {
    return this.#restUntil;
  }

  /** It answered. Returns whether it had been silent. */
  answered(): boolean {
    const wasSilent = this.silent;
    this.#silences = 0;
    this.#undescribed = 0;
    this.#refusals = 0;
    this.#restUntil = -Infinity;
    this.#reason = undefined;
    this.#trouble = undefined;
    this.#change('up');
    if (this.#lostAt !== undefined) {
      const seconds = Math.round((this.#clock.monotonic() - this.#lostAt) / 1_000);
      this.#report('device-back', { device: this.#id, seconds });
    }
    this.#lostAt = undefined;
    return wasSilent;
  }

  /** Nobody answered: it rests, longer after each time in a row. */
  unanswered(reason: Reason): void {
    const now = this.#clock.monotonic();
    this.#failures += 1;
    this.#silences += 1;
    this.#reason = reason;
    this.#refusals = 0;
    this.#trouble = undefined;
    this.#restUntil = now + backoffDelay(REST, this.#silences);
    this.#change('lost');
    if (this.#lostAt !== undefined) return;
    this.#lostAt = now;
    this.#report('device-lost', { device: this.#id, reason });
  }

  /** It answers and does not say what it holds: asked again later, much later after a while. */
  undescribed(error: string): void {
    const before = this.#undescribed;
    this.answered();
    this.#failures += 1;
    this.#undescribed = before + 1;
    this.#trouble = { code: 'device-undescribed', error };
    this.#restUntil = this.#clock.monotonic() + backoffDelay(UNDESCRIBED_REST, this.#undescribed);
    if (before === 0) this.#report('device-undescribed', { device: this.#id, error });
  }

  /** It answers and does not let us in: nobody knocks again for long, and longer after each time in a row. */
  refused(error: string): void {
    const now = this.#clock.monotonic();
    this.#failures += 1;
    this.#silences = 0;
    this.#refusals += 1;
    this.#reason = 'refused';
    this.#trouble = { code: 'access-refused', error };
    this.#restUntil = now + backoffDelay(REFUSED_REST, this.#refusals);
    this.#change('lost');
    this.#lostAt ??= now;
    if (this.#refusals === 1) this.#report('device-refuses', { device: this.#id, error });
  }

  /** Somebody wants it to be tried at once. */
  retry(): void {
    this.#restUntil = -Infinity;
  }

  /** The connection broke under it: no fault of the device, so no event and no rest of its own. */
  disconnected(): void {
    this.#failures += 1;
    this.#reason = 'not-connected';
    this.#change('lost');
  }

  /** A neighbour is back: what kept it silent may have kept this one silent too. */
  rouse(): void {
    if (this.silent) this.#restUntil = -Infinity;
  }

  #change(state: DeviceStatus['state']): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#clock.wall();
  }

  status(): Pick<DeviceStatus, 'state' | 'since' | 'failures' | 'reason' | 'error' | 'errorCode' | 'nextTry'> {
    const rest = this.#restUntil - this.#clock.monotonic();
    return {
      state: this.#state,
      since: isoTime(this.#since),
      failures: this.#failures,
      reason: this.#reason ?? null,
      error: this.#trouble?.error ?? null,
      errorCode: this.#trouble?.code ?? null,
      nextTry: this.#trouble === undefined ? null : isoTime(this.#clock.wall() + Math.max(0, rest)),
    };
  }
}
