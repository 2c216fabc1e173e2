import { unlessAborted, type Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import { cannotWrite, endsSession, type Bus, type BusWork, type Overhearing } from './bus.ts';
import type { Driver, DriverContext, DriverDevice, ListeningSession, PointWrite, Pushed, Session } from './driver.ts';
import { FrameTrace } from './frame-trace.ts';
import { nextWords } from './next-words.ts';

// Milliseconds: meters that speak by themselves do so every ten seconds at the latest.
const LONGEST_SILENCE = 15_000;

/** A connection that a command opens for itself. */
export type DirectTarget = {
  readonly id: string;
  readonly driver: Driver;
  /** Parsed by the driver's connection schema. */
  readonly settings: unknown;
};

export type DirectContext = {
  readonly clock: Clock;
  readonly observe: DriverContext['observe'];
  /** Where drivers may keep what outlives a session; see DriverContext. */
  readonly folder?: string | undefined;
};

/**
 * A bus without a collector: connects when it is first needed, and again after the connection was lost, but never by
 * itself. Disposing it ends the connection.
 */
export class DirectBus implements Bus, AsyncDisposable {
  readonly id: string;
  readonly driver: Driver;
  readonly settings: unknown;
  readonly clock: Clock;
  readonly trace: FrameTrace;
  readonly #context: DirectContext;
  readonly #devices: readonly DriverDevice<unknown, unknown>[];
  readonly #closing = new AbortController();
  #session: Session | ListeningSession | undefined;
  /** Ends when the work does that was begun last. */
  #last: Promise<unknown> = Promise.resolve();

  /** `devices`: those that the driver is to know when it connects. */
  constructor(
    target: DirectTarget,
    context: DirectContext,
    more: { readonly devices?: readonly DriverDevice<unknown, unknown>[]; readonly trace?: FrameTrace } = {},
  ) {
    this.id = target.id;
    this.driver = target.driver;
    this.settings = target.settings;
    this.clock = context.clock;
    this.#context = context;
    this.#devices = more.devices ?? [];
    this.trace = more.trace ?? new FrameTrace(context.clock);
  }

  async use<T>(work: BusWork<T>, signal: AbortSignal): Promise<T> {
    return this.#inTurn(async (session, lifetime) => {
      if ('read' in session) return work(session, lifetime);
      throw new GatewayError(
        'usage',
        `connection ${this.id}: its devices speak by themselves and cannot be asked; \`weir device read\` and \`weir trace\` show what they say`,
      );
    }, signal);
  }

  async write(
    device: DriverDevice<unknown, unknown>,
    writes: readonly PointWrite[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    return this.use(async (session, lifetime) => {
      if (session.write === undefined) throw cannotWrite(this.driver);
      return session.write(device, writes, lifetime);
    }, signal);
  }

  /** Has the session, of whichever kind, to itself. */
  async either<T>(
    polled: BusWork<T>,
    listening: (session: ListeningSession, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#inTurn(
      (session, lifetime) => ('read' in session ? polled(session, lifetime) : listening(session, lifetime)),
      signal,
    );
  }

  async listening(signal: AbortSignal): Promise<Overhearing | undefined> {
    const speak = await this.either(
      () => Promise.resolve(false),
      () => Promise.resolve(true),
      signal,
    );
    return speak ? (device, aborted) => this.#overhear(device, aborted) : undefined;
  }

  /** Listens as if this were the only device. */
  #overhear(device: DriverDevice<unknown, unknown>, signal: AbortSignal): Promise<Pushed> {
    return this.#inTurn(async (_, lifetime) => {
      await this.hangUp(); // a port is open once
      await using session = await this.#open([device], lifetime);
      if (!('listen' in session))
        throw new GatewayError('driver-failed', `connection ${this.id} cannot be listened to`);
      return await nextWords(session, device.id, { clock: this.clock, milliseconds: LONGEST_SILENCE }, lifetime);
    }, signal);
  }

  /** Ends the connection; the next work makes a new one. */
  async hangUp(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new GatewayError('connection-lost', `connection ${this.id} was closed`));
    await this.hangUp();
  }

  async #inTurn<T>(
    work: (session: Session | ListeningSession, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    const before = this.#last;
    const turn = before.then(() => this.#carryOut(work));
    this.#last = turn.catch(() => undefined);
    return unlessAborted(turn, signal);
  }

  async #carryOut<T>(work: (session: Session | ListeningSession, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    try {
      this.#session ??= await this.#open(this.#devices, signal);
      return await work(this.#session, signal);
    } catch (error) {
      const failure = signal.aborted ? error : asGatewayError(error, 'driver-failed');
      if (endsSession(failure)) await this.hangUp();
      throw failure;
    }
  }

  #open(devices: readonly DriverDevice<unknown, unknown>[], signal: AbortSignal): Promise<Session | ListeningSession> {
    const { clock, observe, folder } = this.#context;
    const context = { clock, connection: this.id, observe, answered: () => undefined, tap: this.trace.tap, folder };
    return this.driver.open(this.settings, devices, context, signal);
  }
}
