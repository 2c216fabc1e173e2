import type { ServerSettings } from '../../config/configuration.ts';
import { isoTime } from '../../model/clock.ts';
import type { GatewayError } from '../../model/errors.ts';
import type { ServerStatus } from '../../model/status.ts';
import { supervise, type Backoff } from '../../ops/supervise.ts';
import type { ServeContext, Server } from '../server.ts';
import { LatestReadings } from '../latest.ts';
import type { Counts } from './messages.ts';
import { endpointOf } from './options.ts';
import { Refusals } from './refusals.ts';
import { ServerThread } from './thread.ts';

const BACKOFF: Backoff = { first: 1_000, longest: 60_000, jitter: 0.5 };

const NOBODY: Counts = { points: 0, sessions: 0, subscriptions: 0 };

/** An OPC UA server of the gateway's points. */
export function createOpcuaServer(settings: ServerSettings, context: ServeContext): Server {
  return new OpcuaServer(settings, context);
}

class OpcuaServer implements Server {
  readonly #settings: ServerSettings;
  readonly #context: ServeContext;
  readonly #endpoint: string;
  #state: ServerStatus['state'] = 'connecting';
  #since: string;
  #failure: GatewayError | undefined;
  readonly #latest = new LatestReadings();
  readonly #refusals: Refusals;
  #thread: ServerThread | undefined;

  constructor(settings: ServerSettings, context: ServeContext) {
    this.#settings = settings;
    this.#context = context;
    this.#endpoint = endpointOf(settings);
    this.#refusals = new Refusals(settings.name, context);
    this.#since = isoTime(context.clock.wall());
  }

  get name(): string {
    return this.#settings.name;
  }

  run(signal: AbortSignal): Promise<void> {
    const attempt = (aborted: AbortSignal, healthy: () => void): Promise<void> => this.#serve(aborted, healthy);
    const failed = (error: GatewayError): void => this.#failed(error);
    const { clock } = this.#context;
    return supervise({ clock, backoff: BACKOFF, attempt, failed }, signal).finally(() => this.#refusals.flush());
  }

  status(): ServerStatus {
    const { protocol, security } = this.#settings;
    return {
      name: this.name,
      protocol,
      endpoint: this.#endpoint,
      state: this.#state,
      since: this.#since,
      error: this.#failure?.message ?? null,
      policies: security.policies,
      modes: security.modes,
      insecure: security.allowInsecure ?? null,
      ...(this.#thread?.counts ?? NOBODY),
    };
  }

  async #serve(signal: AbortSignal, healthy: () => void): Promise<void> {
    const { listen, report } = this.#context;
    const latest = this.#latest;
    latest.beginAnew();
    const stop = listen((readings) => latest.take(readings));
    try {
      this.#thread = new ServerThread(this.#settings, this.#context, latest, this.#refusals);
      await this.#thread.run(signal, () => {
        healthy();
        this.#turn('up');
        report('server-up', { server: this.name, endpoint: this.#endpoint });
      });
    } finally {
      stop();
      this.#thread = undefined;
    }
  }

  #turn(state: ServerStatus['state'], failure?: GatewayError): void {
    this.#failure = failure;
    if (this.#state === state) return;
    this.#state = state;
    this.#since = isoTime(this.#context.clock.wall());
  }

  #failed(error: GatewayError): void {
    const isNews = this.#state !== 'lost';
    this.#turn('lost', error);
    if (isNews) this.#context.report('server-lost', { server: this.name, error: error.message });
  }
}
