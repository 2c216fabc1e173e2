import type { DriverContext } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { openTcp } from '../../src/wire/tcp.ts';
import { Client } from './client.ts';
import type { Answer, FailureReason, Request } from './client.ts';
import { Transactions } from './frame.ts';
import type { ConnectionSettings } from './schema.ts';

// What another attempt can cure; an answer that breaks the rules would only be broken again.
const REPEATED: readonly FailureReason[] = ['no-answer', 'not-connected'];

/**
 * The connection to one server, with one request outstanding at any time. A failed request spends its socket, and the
 * next one gets a fresh one: so a unit that stays silent behind a gateway costs its neighbours no more than that.
 */
export class Link implements AsyncDisposable {
  readonly #settings: ConnectionSettings;
  readonly #context: DriverContext;
  readonly #transactions = new Transactions();
  readonly #closing = new AbortController();
  #client: Client | undefined;
  /** The device that is being asked, for what is observed meanwhile. */
  #device: string | undefined;
  #quietSince = Number.NEGATIVE_INFINITY;

  private constructor(settings: ConnectionSettings, context: DriverContext) {
    this.#settings = settings;
    this.#context = context;
  }

  /** Connects, or throws `connection-failed` or the signal's reason. */
  static async open(settings: ConnectionSettings, context: DriverContext, signal: AbortSignal): Promise<Link> {
    const link = new Link(settings, context);
    await link.#connect(signal);
    return link;
  }

  /**
   * Asks, and asks again as often as `retries` allows, or only `once`. Rejects when the server cannot be reached any
   * more, and with the signal's reason.
   */
  async exchange(
    device: string,
    request: Request,
    { once = false, signal }: { readonly once?: boolean; readonly signal: AbortSignal },
  ): Promise<Answer> {
    this.#device = device;
    const retries = once ? 0 : this.#settings.retries;
    let answer = await this.#attempt(request, signal);
    for (let repeat = 0; repeat < retries && mayRepeat(answer); repeat++) answer = await this.#attempt(request, signal);
    if (answer.kind !== 'failed' || answer.reason !== 'not-connected') return answer;
    // Many gateways hang up on whoever asks for a dead unit: while they can be reached, it is the unit that is lost.
    await this.#connect(signal);
    return { ...answer, reason: 'no-answer' };
  }

  async #attempt(request: Request, signal: AbortSignal): Promise<Answer> {
    if (this.#settings.pause > 0) await this.#pause(signal);
    // Many devices close a connection that was idle for a while.
    const client = this.#client?.usable === true ? this.#client : await this.#connect(signal);
    const answer = await client.request(request, signal);
    this.#quietSince = this.#context.clock.monotonic();
    return answer;
  }

  async #connect(signal: AbortSignal): Promise<Client> {
    const { clock } = this.#context;
    const wire = await openTcp(this.#settings, clock, AbortSignal.any([signal, this.#closing.signal]));
    this.#client = new Client(wire, {
      clock,
      timeout: this.#settings.timeout,
      transactions: this.#transactions,
      observe: (event, detail) => this.#context.observe(event, this.#device, detail),
    });
    return this.#client;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { pause } = this.#settings;
    const rest = this.#quietSince + pause - this.#context.clock.monotonic();
    if (rest > 0) await this.#context.clock.sleep(rest, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new GatewayError('connection-lost', 'the session was closed'));
    await this.#client?.[Symbol.asyncDispose]();
  }
}

function mayRepeat(answer: Answer): boolean {
  return answer.kind === 'failed' && REPEATED.includes(answer.reason);
}
