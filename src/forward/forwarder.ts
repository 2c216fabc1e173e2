import type { DestinationSettings } from '../config/configuration.ts';
import type { DestinationState, Journal } from '../journal/journal.ts';
import { isoTime, type Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError, messageOf } from '../model/errors.ts';
import type { PointNumber } from '../model/reading.ts';
import type { DestinationStatus } from '../model/status.ts';
import type { Report } from '../ops/events.ts';
import { supervise, type Backoff } from '../ops/supervise.ts';
import { readCredentials, type ReadSecret } from './credentials.ts';
import type { ConnectUplink, Uplink } from './destination.ts';
import type { Format, GatewayIdentity } from './format.ts';
import { jsonFormat } from './formats/json.ts';
import { connectMqtt } from './mqtt.ts';
import { Progress } from './progress.ts';
import { Session } from './session.ts';
import { clientIdOf } from './topic.ts';

/** How to come back; milliseconds. */
type Reconnect = {
  readonly backoff: Backoff;
  /** At random up to this long before the first attempt after a loss: a thousand gateways lose a broker together. */
  readonly spread: number;
};

const RECONNECT: Reconnect = { backoff: { first: 1000, longest: 60_000, jitter: 0.5 }, spread: 3000 };

// A destination that lets us in and then refuses us would see us again at once, for ever; so would another gateway
// that took over our client id. After such an end the back-off is forgotten only once a session has lasted.
const LASTING = 60_000;

export type ForwarderContext = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
  readonly readSecret: ReadSecret;
  /** What the journal knows of this destination. */
  readonly state: DestinationState;
  /** Numbers of the points that there are today: configured, or described by a device. */
  readonly points: () => readonly PointNumber[];
  readonly connect?: ConnectUplink;
  readonly reconnect?: Reconnect;
};

/** Brings the journal to one destination. Independent of all others. */
export interface Forwarder {
  readonly name: string;
  /** Delivers until `signal` aborts. Rejects only with what ends the daemon; a destination out of reach is waited for. */
  run(signal: AbortSignal): Promise<void>;
  status(): DestinationStatus;
}

const formats = { json: jsonFormat } as const satisfies Record<DestinationSettings['format'], Format>;

export function createForwarder(settings: DestinationSettings, context: ForwarderContext): Forwarder {
  return new MqttForwarder(settings, context);
}

class MqttForwarder implements Forwarder {
  readonly #settings: DestinationSettings;
  readonly #context: ForwarderContext;
  readonly #identity: GatewayIdentity;
  readonly #format: Format;
  readonly #progress: Progress;
  readonly #reconnect: Reconnect;
  #state: DestinationStatus['state'] = 'connecting';
  #since: string;
  #failure: GatewayError | undefined;
  #protocol: string | null = null;
  #session: Session | undefined;

  constructor(settings: DestinationSettings, context: ForwarderContext) {
    this.#settings = settings;
    this.#context = context;
    this.#identity = { gateway: context.journal.gateway, epoch: context.journal.epoch };
    this.#format = formats[settings.format];
    this.#progress = new Progress(context.state.pending);
    this.#reconnect = context.reconnect ?? RECONNECT;
    this.#since = isoTime(context.clock.wall());
  }

  get name(): string {
    return this.#settings.name;
  }

  run(signal: AbortSignal): Promise<void> {
    return supervise(
      {
        clock: this.#context.clock,
        backoff: this.#reconnect.backoff,
        attempt: (aborted, healthy) => this.#attempt(aborted, healthy),
        failed: (error) => this.#failed(asGatewayError(error, 'failed')),
      },
      signal,
    );
  }

  status(): DestinationStatus {
    const pending = this.#progress.count(this.#context.journal.last);
    return {
      name: this.name,
      url: this.#settings.url,
      state: this.#state,
      since: this.#since,
      error: this.#failure === undefined ? null : messageOf(this.#failure),
      protocol: this.#protocol,
      pending,
      backlog: this.#session?.behind ?? pending,
      inFlight: this.#session?.inFlight ?? 0,
      delivered: this.#progress.readings,
      acknowledgeTime: this.#progress.acknowledgeTime,
      insecure: this.#settings.tls?.allowInsecure ?? null,
    };
  }

  async #attempt(signal: AbortSignal, healthy: () => void): Promise<void> {
    const { clock } = this.#context;
    if (this.#failure?.code === 'destination-lost') await clock.sleep(Math.random() * this.#reconnect.spread, signal);
    const distrusted = this.#failure?.code === 'destination-refused';
    using uplink = await this.#connect(signal);
    const cancel = distrusted ? clock.after(LASTING, healthy) : () => undefined;
    const session = new Session(
      {
        ...this.#context,
        settings: this.#settings,
        identity: this.#identity,
        format: this.#format,
        progress: this.#progress,
        delivered: distrusted ? () => undefined : healthy,
      },
      uplink,
    );
    this.#connected(uplink, session);
    try {
      await session.run(signal);
    } finally {
      cancel();
      this.#session = undefined;
    }
  }

  async #connect(signal: AbortSignal): Promise<Uplink> {
    const { connect = connectMqtt, clock, readSecret } = this.#context;
    const { url, keepAlive, timeout } = this.#settings;
    const settings = {
      url,
      keepAlive,
      timeout,
      clientId: clientIdOf(this.#identity.gateway, this.name),
      ...(await readCredentials(this.#settings, readSecret)),
      will: this.#format.status(this.#identity, 'lost', null),
    };
    return connect(settings, clock, signal);
  }

  #connected({ protocol }: Uplink, session: Session): void {
    this.#session = session;
    this.#protocol = protocol;
    this.#failure = undefined;
    this.#change('connected');
    const { host } = new URL(this.#settings.url);
    const pending = this.#progress.count(this.#context.journal.last);
    this.#context.report('destination-up', {
      destination: this.name,
      detail: `${protocol} at ${host}, ${pending} readings to deliver`,
    });
  }

  #failed(error: GatewayError): void {
    const isNews = this.#state !== 'lost' || this.#failure?.code !== error.code;
    this.#failure = error;
    this.#change('lost');
    if (isNews) this.#context.report('destination-lost', { destination: this.name, error: error.message });
  }

  #change(state: DestinationStatus['state']): void {
    if (state !== this.#state) this.#since = isoTime(this.#context.clock.wall());
    this.#state = state;
  }
}
