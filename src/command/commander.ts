import type { CommandSettings } from '../config/configuration.ts';
import { isoTime, type Clock } from '../model/clock.ts';
import type { CommandOrigin, CommandResult, IncomingCommand, TakeCommand } from '../model/command.ts';
import { messageOf } from '../model/errors.ts';
import type { StateStore } from '../model/state-store.ts';
import type { CommandsStatus } from '../model/status.ts';
import type { Audit } from '../ops/audit/log.ts';
import type { Report } from '../ops/events.ts';
import { timely, unheard, type TimedCommand } from './judge.ts';
import { orderOf, type Order, type OrderContext } from './orders.ts';
import { parseCommand, refusal, type Refusal } from './parse.ts';
import { Rejections } from './rejections.ts';
import { ReplayTable } from './replay-table.ts';
import type { Outcome } from './targets.ts';
import { TokenBucket } from './token-bucket.ts';

// On their way to devices at once. A bus that is slow must not make us hold more and more.
const MOST_RUNNING = 16;

// Milliseconds: a command that has waited for its bus so long is not worth waiting for.
const LONGEST_WRITE = 60_000;
const LONGEST_END = 2000;

export type CommanderContext = OrderContext & {
  readonly clock: Clock;
  readonly report: Report;
  readonly audit: Audit;
  readonly state: StateStore;
  /** Which destinations may command, and what. */
  readonly rules: ReadonlyMap<string, CommandSettings>;
  /** Whether the clock of this machine can be believed now. */
  readonly isSynchronised: () => boolean;
  /** Tells a destination what became of its command. */
  readonly answer: (destination: string, result: CommandResult) => void;
};

type Accepted = { readonly command: TimedCommand; readonly destination: string; readonly order: Order };

/**
 * Carries commands of centres out: at most once, and only what is allowed. The checks, in this order: retained, size,
 * form, time, replay, allow list, range, load, rate; then the replay table and the audit log, both durable before the
 * device hears of it; then the write, read back; then the result. What is refused by a check costs no write to the disk
 * that a flood could multiply.
 */
export class Commander implements AsyncDisposable {
  readonly #context: CommanderContext;
  readonly #replays: ReplayTable;
  readonly #rejections: Rejections;
  readonly #buckets: ReadonlyMap<string, TokenBucket>;
  readonly #replayBuckets: ReadonlyMap<string, TokenBucket>;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #counts = { done: 0, failed: 0, unknown: 0 };
  /** Accepted ones become durable one after the other, and go to their buses in that order. */
  #accepting: Promise<unknown> = Promise.resolve();
  #accepted = 0;
  #stopped = false;

  constructor(context: CommanderContext) {
    const { clock, rules } = context;
    this.#context = context;
    this.#replays = new ReplayTable(context.state);
    this.#rejections = new Rejections(context);
    const now = clock.monotonic();
    this.#buckets = new Map([...rules].map(([name, { perMinute }]) => [name, new TokenBucket(perMinute, now)]));
    this.#replayBuckets = new Map(
      [...rules].map(([name, { replay }]) => [name, new TokenBucket((replay?.perHour ?? 0) / 60, now)]),
    );
  }

  status(): CommandsStatus {
    return { ...this.#counts, rejected: this.#rejections.counts };
  }

  /** Tells who is concerned that nobody knows what became of the commands that an earlier run had begun. */
  async recover(): Promise<void> {
    for (const { destination, id, target } of this.#replays.begun) {
      const detail = 'the gateway was restarted while it was carried out';
      this.#finish(destination, { id, target }, { status: 'unknown', reason: 'restarted', detail, value: null });
      await this.#replays.end({ destination, id }).catch(() => undefined); // told once more after the next start
    }
  }

  readonly take: TakeCommand = (incoming, origin) => {
    const rule = this.#context.rules.get(origin.destination);
    const early = this.#beforeParsing(rule, origin);
    const command = incoming instanceof Uint8Array && early === undefined ? parseCommand(incoming) : incoming;
    const known = 'target' in command ? command : undefined;
    if (early !== undefined) this.#reject(origin, early, known);
    else if ('reason' in command) this.#reject(origin, command);
    else if (rule !== undefined && 'target' in command) this.#consider(command, origin, rule);
  };

  /** Takes nothing any more. What is on its way gets a moment to be done; after that nobody knows. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { clock } = this.#context;
    this.#stopped = true;
    await this.#accepting;
    const cancel = clock.after(LONGEST_END, () => this.#stopping.abort(new Error('the gateway stops')));
    await Promise.allSettled(this.#running);
    cancel();
    this.#rejections.flush();
  }

  #beforeParsing(rule: CommandSettings | undefined, { destination, retained }: CommandOrigin): Refusal | undefined {
    if (rule === undefined)
      return refusal('not-enabled', `the configuration has no commands in destinations.${destination}`);
    return retained ? refusal('retained', 'the broker had kept it: nobody knows how old it is') : undefined;
  }

  #consider(incoming: IncomingCommand, origin: CommandOrigin, rule: CommandSettings): void {
    const { clock, isSynchronised } = this.#context;
    const command = timely(incoming, rule, { now: clock.wall(), synchronised: isSynchronised() });
    if ('reason' in command) return this.#reject(origin, command, incoming);
    const order = this.#admit(command, origin, rule);
    if ('reason' in order) return this.#reject(origin, order, command);
    this.#accept({ command, destination: origin.destination, order });
  }

  #admit(command: TimedCommand, { destination }: CommandOrigin, rule: CommandSettings): Order | Refusal {
    const repeated = unheard(command, destination, this.#replays);
    if (repeated !== undefined) return repeated;
    const order = orderOf(command, destination, rule, this.#context);
    if ('reason' in order) return order;
    if (this.#stopped) return refusal('busy', 'the gateway stops');
    if (this.#accepted >= MOST_RUNNING) return refusal('busy', `${MOST_RUNNING} commands are on their way`);
    return this.#tooFast(command, destination, rule) ?? order;
  }

  #tooFast(
    { request }: TimedCommand,
    destination: string,
    { perMinute, replay }: CommandSettings,
  ): Refusal | undefined {
    const now = this.#context.clock.monotonic();
    if (this.#buckets.get(destination)?.take(now) !== true) {
      return refusal('too-fast', `more than ${perMinute} commands a minute`);
    }
    if (request?.kind !== 'replay' || this.#replayBuckets.get(destination)?.take(now) === true) return undefined;
    return refusal('too-fast', `more than ${replay?.perHour ?? 0} replays an hour`);
  }

  #accept(accepted: Accepted): void {
    const { command, destination, order } = accepted;
    this.#accepted += 1;
    const { id, expires } = command;
    // Known from this moment on, and durable before anything is done.
    const kept = this.#replays.begin({ destination, id, target: order.target, expires }, this.#context.clock.wall());
    kept.catch(() => undefined); // awaited below, in its turn
    this.#accepting = this.#accepting.then(async () => {
      const refused = await this.#keep(accepted, kept);
      if (refused === undefined) return this.#start(accepted);
      this.#accepted -= 1;
      this.#reject({ destination, retained: false }, refused, command);
      await this.#replays.end({ destination, id }).catch(() => undefined);
    });
  }

  /** Makes durable what must be known before the device hears of it; a refusal where that cannot be. */
  async #keep({ command, destination, order }: Accepted, kept: Promise<void>): Promise<Refusal | undefined> {
    const { audit, clock } = this.#context;
    const { id, issued, expires } = command;
    try {
      await kept;
      const times = { issued: isoTime(issued), expires: isoTime(expires) };
      await audit.append('command', { destination, id, target: order.target, value: order.value, ...times });
    } catch (error) {
      return refusal('not-kept', messageOf(error));
    }
    const now = clock.wall();
    return expires <= now
      ? refusal('expired', `it expired at ${isoTime(expires)}, and it is ${isoTime(now)}`)
      : undefined;
  }

  #start(accepted: Accepted): void {
    const running = this.#execute(accepted).finally(() => {
      this.#accepted -= 1;
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async #execute({ command, destination, order }: Accepted): Promise<void> {
    const { clock } = this.#context;
    const late = new AbortController();
    const milliseconds = Math.min(LONGEST_WRITE, command.expires - clock.wall());
    const cancel = clock.after(milliseconds, () => late.abort(new Error('it was not done before it expired')));
    const outcome = await order.carryOut(AbortSignal.any([late.signal, this.#stopping.signal]));
    cancel();
    this.#finish(destination, { id: command.id, target: order.target }, outcome);
    await this.#replays.end({ destination, id: command.id }).catch(() => undefined); // then it is unknown after a restart
  }

  #finish(destination: string, command: { readonly id: string; readonly target: string }, outcome: Outcome): void {
    const { audit, report, answer, clock } = this.#context;
    const { status, reason, detail, value } = outcome;
    this.#counts[status] += 1;
    audit.note('command-result', { destination, ...command, ...outcome });
    const fields = {
      destination,
      ...command,
      status,
      reason: reason ?? '',
      detail: detail ?? '',
      value: String(value),
    };
    const done = detail === null ? 'command-done' : 'request-done';
    report(status === 'done' ? done : 'command-failed', fields);
    answer(destination, { ...command, status, reason, detail, value, time: clock.wall() });
  }

  #reject(
    { destination }: CommandOrigin,
    { reason, detail }: Refusal,
    command?: { readonly id: string | null; readonly target: string },
  ): void {
    const { clock, answer } = this.#context;
    const { id, target } = command ?? { id: null, target: null };
    const isTold = this.#rejections.add({ destination, reason, detail, id, target });
    if (!isTold) return;
    answer(destination, { id, target, status: 'rejected', reason, detail, value: null, time: clock.wall() });
  }
}
