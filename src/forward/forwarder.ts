import { join } from 'node:path';
import type { DestinationSettings } from '../config/configuration.ts';
import { newestState } from '../journal/clock-state.ts';
import type { DestinationState, SalvagedJournal } from '../journal/journal.ts';
import { isoTime } from '../model/clock.ts';
import type { CommandResult } from '../model/command.ts';
import { asGatewayError, GatewayError, messageOf } from '../model/errors.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import type { DestinationStatus, EndingCertificate } from '../model/status.ts';
import { Expiries } from '../ops/expiries.ts';
import { supervise, type Backoff } from '../ops/supervise.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';
import { readCredentials } from './credentials.ts';
import type { Uplink } from './destination.ts';
import { Budget } from './budget.ts';
import { watchCertificates } from './certificate-watch.ts';
import { clockFault } from './clock-fault.ts';
import { compressing } from './compress.ts';
import { ConnectionCount } from './connection-count.ts';
import { Answers } from './answers.ts';
import type { Format, FormatSession, GatewayIdentity } from './format.ts';
import { formats } from './formats.ts';
import type { ForwarderContext } from './forwarder-context.ts';
import { Gate } from './gate.ts';
import { Latest } from './latest.ts';
import { connectMqtt } from './mqtt.ts';
import { Progress } from './progress.ts';
import { Rewinding } from './rewinding.ts';
import { LASTING, Rivalry } from './rivalry.ts';
import { Route } from './route.ts';
import { pendingOf, type Salvage } from './salvage-delivery.ts';
import { Session } from './session.ts';
import { clientIdOf } from './topic.ts';

const BACKOFF: Backoff = { first: 1000, longest: 60_000, jitter: 0.5 };

const FOR_EVER = 100 * 366 * 86_400_000; // milliseconds; no pause lasts longer

/** Brings the journal to one destination. Independent of all others. */
export interface Forwarder {
  readonly name: string;
  /** Delivers until `signal` aborts. Rejects only with what ends the daemon; a destination out of reach is waited for. */
  run(signal: AbortSignal): Promise<void>;
  status(): DestinationStatus;
  /** Those of its connection that come to their end. */
  certificates(): readonly EndingCertificate[];
  /** Takes leave of the destination until `resume`, or until the gateway is restarted; twice is harmless. */
  pause(): void;
  resume(): void;
  /** Tells the centre what became of its command, now or when it is back. */
  answer(result: CommandResult): void;
  /** Makes the introduction once more, where it is connected. */
  introduce(): void;
  /**
   * Sends what is stored of `span` once more, behind everything else, and tells the centre of what is not; survives a
   * restart. Rejects with `rewind-busy` while an earlier one is not done, and with `rewind-gone` where nothing is stored.
   */
  rewind(span: RewindSpan): Promise<Rewound>;
  /** Delivers what was salvaged of a damaged journal too; `state`: what that knows of this destination. */
  salvage(salvaged: SalvagedJournal, state: DestinationState): void;
  /** Leaves it: it is delivered, or of no use. */
  withdraw(salvaged: SalvagedJournal): void;
}

export function createForwarder(settings: DestinationSettings, context: ForwarderContext): Forwarder {
  return new MqttForwarder(settings, context);
}

class MqttForwarder implements Forwarder {
  readonly #settings: DestinationSettings;
  readonly #context: ForwarderContext;
  readonly #identity: GatewayIdentity;
  readonly #format: Format;
  readonly #progress: Progress;
  readonly #rewinding: Rewinding;
  readonly #latest: Latest;
  readonly #connections: ConnectionCount;
  readonly #route: Route;
  #gate: Gate;
  readonly #answers = new Answers();
  readonly #salvages = new Map<SalvagedJournal, Salvage>();
  readonly #rivalry: Rivalry;
  #state: DestinationStatus['state'] = 'connecting';
  #since: string;
  #failure: GatewayError | undefined;
  #protocol: string | null = null;
  #session: Session | undefined;
  /** With what the connection was made, and what has been said of its end. */
  #material: TlsMaterial | undefined;
  readonly #expiries: Expiries;
  #isLeaving = false;
  /** Aborts when the pause ends; undefined while there is none. */
  #pause: AbortController | undefined;

  constructor(settings: DestinationSettings, context: ForwarderContext) {
    this.#settings = settings;
    this.#context = context;
    this.#identity = { gateway: context.journal.gateway, epoch: context.journal.epoch };
    this.#format = formats[settings.format];
    this.#progress = new Progress(context.state.pending);
    this.#rewinding = new Rewinding(settings.name, context.journal, this.#progress);
    this.#latest = new Latest(context.journal);
    this.#connections = new ConnectionCount(context.journal, settings.name);
    this.#gate = new Gate(settings, undefined, context.clock);
    this.#rivalry = new Rivalry(context.clock);
    this.#route = new Route([settings.url, ...settings.failover]);
    this.#expiries = new Expiries(`destination ${settings.name}`, context);
    this.#since = isoTime(context.clock.wall());
  }

  get name(): string {
    return this.#settings.name;
  }

  certificates(): readonly EndingCertificate[] {
    return this.#expiries.ending();
  }

  async run(signal: AbortSignal): Promise<void> {
    const budget = await this.#budget();
    this.#gate = new Gate(this.#settings, budget, this.#context.clock);
    const stopFollowing = this.#format.delivery.births ? await this.#latest.follow() : () => undefined;
    try {
      await supervise(
        {
          clock: this.#context.clock,
          backoff: this.#context.backoff ?? BACKOFF,
          attempt: (aborted, healthy) => this.#attempt(aborted, healthy),
          failed: (error) => this.#failed(asGatewayError(error, 'failed')),
        },
        signal,
      );
    } finally {
      stopFollowing();
      budget?.save();
    }
  }

  pause(): void {
    if (this.#pause !== undefined) return;
    this.#pause = new AbortController();
    this.#context.report('destination-paused', { destination: this.name });
    this.#failure = undefined;
    this.#change('paused');
    if (this.#session === undefined) return;
    this.#isLeaving = true;
    this.#session.leave(new GatewayError('destination-lost', 'it is paused'));
  }

  resume(): void {
    if (this.#pause === undefined) return;
    this.#context.report('destination-resumed', { destination: this.name });
    this.#change('connecting');
    this.#pause.abort();
    this.#pause = undefined;
  }

  answer(result: CommandResult): void {
    this.#answers.add(result);
  }

  introduce(): void {
    this.#session?.introduce();
  }

  rewind(span: RewindSpan): Promise<Rewound> {
    return this.#rewinding.rewind(span, (repeats) => this.#session?.rewound(repeats));
  }

  salvage(salvaged: SalvagedJournal, state: DestinationState): void {
    const salvage = { salvaged, progress: new Progress(state.pending) };
    this.#salvages.set(salvaged, salvage);
    this.#session?.salvage(salvage);
  }

  withdraw(salvaged: SalvagedJournal): void {
    this.#salvages.delete(salvaged);
    this.#session?.withdraw(salvaged);
  }

  /** Readings that wait: of the journal, and of what was salvaged. */
  get #pending(): number {
    return this.#progress.count(this.#context.journal.last) + pendingOf(this.#salvages.values());
  }

  status(): DestinationStatus {
    const pending = this.#pending;
    return {
      name: this.name,
      url: this.#route.url,
      state: this.#state,
      since: this.#since,
      error: this.#trouble(),
      protocol: this.#protocol,
      pending,
      backlog: this.#session?.behind ?? pending,
      inFlight: this.#session?.inFlight ?? 0,
      delivered: this.#progress.readings,
      acknowledgeTime: this.#progress.acknowledgeTime,
      held: this.#gate.held ?? null,
      insecure: this.#settings.tls?.allowInsecure ?? null,
    };
  }

  async #attempt(signal: AbortSignal, healthy: () => void): Promise<void> {
    const { clock } = this.#context;
    await this.#pauseEnds(signal);
    if (this.#failure?.code === 'destination-lost')
      await clock.sleep(Math.random() * this.#settings.reconnect.spread, signal);
    // Whoever lets us in and then refuses us would see us again at once, for ever; so would another gateway that took over
    // our client id. After such an end the back-off is forgotten only once a session has lasted.
    const distrusted = this.#failure?.code === 'destination-refused' || this.#rivalry.isSuspected;
    const speech = await this.#speech();
    using uplink = await this.#connect(speech, signal);
    const cancel = distrusted ? clock.after(LASTING, healthy) : () => undefined;
    const session = new Session(
      {
        ...this.#context,
        settings: this.#settings,
        delivery: this.#format.delivery,
        gate: this.#gate,
        speech,
        progress: this.#progress,
        answers: this.#answers,
        salvages: this.#salvages,
        delivered: distrusted ? () => undefined : healthy,
      },
      uplink,
    );
    this.#connected(uplink, session);
    this.#rivalry.connected();
    const stopProbing = this.#route.probeFirst(clock, (reason) => session.leave(reason));
    const stopWatching = this.#watchCertificates(session);
    try {
      await session.run(signal);
    } finally {
      cancel();
      stopProbing();
      stopWatching();
      this.#rivalry.ended(session.isIdle);
      this.#session = undefined;
    }
  }

  async #budget(): Promise<Budget | undefined> {
    const { budget } = this.#settings;
    if (budget === undefined) return undefined;
    const { path } = await this.#context.journal.status();
    return new Budget(budget, join(path, `${this.name}.budget`));
  }

  async #pauseEnds(signal: AbortSignal): Promise<void> {
    if (this.#pause === undefined) return;
    const ends = AbortSignal.any([signal, this.#pause.signal]);
    await this.#context.clock.sleep(FOR_EVER, ends).catch(() => undefined);
    signal.throwIfAborted();
  }

  async #speech(): Promise<FormatSession> {
    const { options, compress } = this.#settings;
    const session = this.#format.session({
      identity: this.#identity,
      options,
      connection: this.#format.delivery.births ? await this.#connections.next() : 0,
      latest: this.#latest,
      presence: this.#context.presence,
      commands: this.#settings.commands !== undefined,
      replay: this.#settings.commands?.replay !== undefined,
      now: this.#context.clock.wall(),
    });
    return compressing(session, compress);
  }

  /** Takes up a certificate that was renewed on disk, in good order: nothing is lost, nothing sent twice. */
  #watchCertificates(session: Session): () => void {
    const { clock, report, readSecret } = this.#context;
    const used = this.#material;
    if (used === undefined || new URL(this.#route.url).protocol !== 'mqtts:') return () => undefined;
    return watchCertificates({
      clock,
      used,
      read: async () => (await readCredentials(this.#settings, readSecret)).tls,
      renewed: () => {
        report('certificate-renewed', { destination: this.name });
        this.#isLeaving = true;
        this.#route.stay();
        session.leave(new GatewayError('destination-lost', 'its certificate was renewed'));
      },
      expiries: this.#expiries,
    });
  }

  async #connect(speech: FormatSession, signal: AbortSignal): Promise<Uplink> {
    const { connect = connectMqtt, clock, readSecret } = this.#context;
    const credentials = await readCredentials(this.#settings, readSecret);
    this.#material = credentials.tls;
    const { keepAlive, timeout, protocol } = this.#settings;
    const settings = {
      url: this.#route.url,
      keepAlive,
      timeout,
      protocol,
      lossy: this.#format.delivery.acknowledgement === 'lagging',
      clientId: clientIdOf(this.#identity.gateway, this.name),
      ...credentials,
      will: speech.will,
    };
    return connect(settings, clock, signal).catch((error: unknown) => {
      throw clockFault(error, newestState(this.#context.journal));
    });
  }

  #connected({ protocol }: Uplink, session: Session): void {
    this.#session = session;
    this.#protocol = protocol;
    this.#failure = undefined;
    this.#change('connected');
    const { host } = new URL(this.#route.url);
    this.#context.report('destination-up', {
      destination: this.name,
      detail: `${protocol} at ${host}, ${this.#pending} readings to deliver`,
    });
  }

  #failed(fault: GatewayError): void {
    const isExpected = this.#isLeaving;
    const error = this.#rivalry.judge(fault, isExpected);
    this.#isLeaving = false;
    if (this.#pause !== undefined) return;
    const isNews = !isExpected && (this.#state !== 'lost' || this.#failure?.code !== error.code);
    this.#failure = error;
    this.#route.failed();
    this.#change('lost');
    if (isNews) this.#context.report('destination-lost', { destination: this.name, error: error.message });
  }

  #trouble(): string | null {
    if (this.#session?.isWaiting === true) return 'waits for its primary host application';
    return this.#failure === undefined ? null : messageOf(this.#failure);
  }

  #change(state: DestinationStatus['state']): void {
    if (state !== this.#state) this.#since = isoTime(this.#context.clock.wall());
    this.#state = state;
  }
}
