import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { DestinationSettings } from '../config/configuration.ts';
import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { readCredentials, type ReadSecret } from './credentials.ts';
import type { Message, Uplink } from './destination.ts';
import { connectMqtt } from './mqtt.ts';
import { clientIdOf, topicOf } from './topic.ts';
import { endpointOf, nameOf, openTcp, openTls, tcpFault } from './transport.ts';

/** One step on the way to a destination; behind one that failed there are no more. */
export type DestinationStep = {
  readonly name: 'dns' | 'tcp' | 'tls' | 'connect' | 'publish';
  readonly ok: boolean;
  /** For the technician: what was found, or what is wrong. */
  readonly detail: string;
  readonly milliseconds: number;
};

export type DestinationTest = {
  /** The gateway's id, whose topics are tried. */
  readonly gateway: string;
  readonly clock: Clock;
  readonly readSecret: ReadSecret;
};

/**
 * Tries the way to a destination step by step. Its client id and its topic, `weir/1/<gateway>/test`, are its own: a
 * gateway that runs is not disturbed, and no centre takes notice.
 */
export async function* testDestination(
  settings: DestinationSettings,
  test: DestinationTest,
  signal: AbortSignal,
): AsyncGenerator<DestinationStep> {
  await using way = new Way(settings, test);
  for (const name of way.steps) {
    const step = await timed(name, (limit) => way[name](limit), { ...test, timeout: settings.timeout }, signal);
    yield step;
    if (!step.ok) return;
  }
}

type Limit = { readonly clock: Clock; readonly timeout: number };

async function timed(
  name: DestinationStep['name'],
  run: (signal: AbortSignal) => Promise<string>,
  { clock, timeout }: Limit,
  signal: AbortSignal,
): Promise<DestinationStep> {
  const began = clock.monotonic();
  const giveUp = new AbortController();
  const late = (): Error => {
    const error = new GatewayError('destination-unreachable', `no answer within ${timeout} ms`);
    giveUp.abort(error);
    return error;
  };
  const work = run(AbortSignal.any([signal, giveUp.signal]));
  const [ok, detail] = await withDeadline(work, { clock, milliseconds: timeout, late, signal }).then(
    (text) => [true, text] as const,
    (error: unknown) => [false, messageOf(error)] as const,
  );
  signal.throwIfAborted();
  return { name, ok, detail, milliseconds: clock.monotonic() - began };
}

/** The steps, each on what the one before it has opened. */
class Way implements AsyncDisposable {
  readonly #settings: DestinationSettings;
  readonly #test: DestinationTest;
  readonly #endpoint: ReturnType<typeof endpointOf>;
  #socket: Socket | undefined;
  #uplink: Uplink | undefined;

  constructor(settings: DestinationSettings, test: DestinationTest) {
    this.#settings = settings;
    this.#test = test;
    this.#endpoint = endpointOf(settings.url);
  }

  get steps(): readonly DestinationStep['name'][] {
    const named = isIP(this.#endpoint.host) === 0;
    return [
      ...(named ? (['dns'] as const) : []),
      'tcp',
      ...(this.#endpoint.secure ? (['tls'] as const) : []),
      'connect',
      'publish',
    ];
  }

  async dns(): Promise<string> {
    const addresses = await lookup(this.#endpoint.host, { all: true }).catch((error: unknown) => {
      throw new GatewayError('destination-unreachable', `${this.#endpoint.host}: ${tcpFault(error)}`, { cause: error });
    });
    return `${this.#endpoint.host} is ${addresses.map(({ address }) => address).join(', ')}`;
  }

  async tcp(signal: AbortSignal): Promise<string> {
    this.#socket = await openTcp(this.#endpoint, signal);
    return `${nameOf(this.#endpoint)} accepts connections`;
  }

  async tls(signal: AbortSignal): Promise<string> {
    const { tls } = await readCredentials(this.#settings, this.#test.readSecret);
    if (this.#socket === undefined) throw new TypeError('TLS comes after TCP');
    const secured = await openTls(this.#socket, this.#endpoint, tls, signal);
    this.#socket = secured;
    const { subject, valid_to: until } = secured.getPeerCertificate();
    const verified = tls.verify ? 'verified' : 'NOT verified';
    return `${secured.getProtocol() ?? 'TLS'}, certificate of ${[subject.CN].flat().join(', ')}, ${verified}, valid until ${until}`;
  }

  async connect(signal: AbortSignal): Promise<string> {
    this.#socket?.destroy();
    const { url, keepAlive, timeout, name } = this.#settings;
    const credentials = await readCredentials(this.#settings, this.#test.readSecret);
    // Its own each time: two tests at once must not throw each other out.
    const clientId = clientIdOf(this.#test.gateway, `${name}-test-${process.pid}`);
    const settings = { url, keepAlive, timeout, clientId, ...credentials, will: this.#message };
    this.#uplink = await connectMqtt(settings, this.#test.clock, signal);
    const { protocol, limits } = this.#uplink;
    const packet = limits.packet === Infinity ? 'of any size' : `of up to ${limits.packet} bytes`;
    return `${protocol}, takes ${limits.inFlight} unacknowledged messages ${packet}`;
  }

  async publish(): Promise<string> {
    await this.#uplink?.publish(this.#message);
    return `the broker took a message for ${this.#message.topic}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.destroy();
    await this.#uplink?.goodbye();
  }

  get #message(): Message {
    const { gateway } = this.#test;
    const payload = Buffer.from(JSON.stringify({ gateway, test: this.#settings.name }));
    return { topic: topicOf(gateway, 'test'), payload, qos: 1, retain: false, properties: { gateway } };
  }
}
