import type { Socket } from 'node:net';
import type { IConnackPacket, MqttClient, Store } from 'mqtt';
import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { ConnectUplink, Incoming, Message, Uplink, UplinkLimits, UplinkSettings } from './destination.ts';
import { endOf, LARGEST_INCOMING_PACKET, reasonCodeOf, type End } from './mqtt-end.ts';
import { packetOverhead } from './packet-size.ts';
import { Proofs } from './proofs.ts';
import { disconnectError, pubackError, reasonText } from './mqtt-reasons.ts';
import { endpointOf, nameOf, openTcp, openTls, type Endpoint } from './transport.ts';

// The only file that knows the MQTT library. It is used for its framing, its keep-alive and its packet ids alone: the
// stream is ours, it stores nothing, it never reconnects, and what it forgets to settle is settled here.

const levels = { 'MQTT 5': 5, 'MQTT 3.1.1': 4 } as const;

/** How we introduce ourselves; a broker that cannot have it so is asked again in simpler words. */
type Dialect = { readonly protocol: keyof typeof levels; readonly retain: boolean };

const UNSUPPORTED_VERSION: readonly number[] = [0x84, 0x01]; // the second is how a 3.1.1 broker says it
const RETAIN_NOT_SUPPORTED = 0x9a;
const QOS_NOT_SUPPORTED = 0x9b;

const LONGEST_GOODBYE = 1000; // milliseconds
const DEFAULT_RECEIVE_MAXIMUM = 65_535; // MQTT 5 3.2.2.3.3
// Else the broker takes the mark of what it keeps away for those who had subscribed before (MQTT 5 3.8.3.1).
const AS_PUBLISHED = { rap: true } as const;
const REFUSED = 0x80; // SUBACK reason codes from here on (MQTT 5 3.9.3)
const DISCONNECT_WITH_WILL = 0x04; // MQTT 5 3.14.2.1

function simplerDialect(dialect: Dialect, { code }: End): Dialect | undefined {
  if (dialect.retain && code === RETAIN_NOT_SUPPORTED) return { ...dialect, retain: false };
  // Some old brokers just close when they meet a version that they do not know.
  const versionRefused = code === undefined || UNSUPPORTED_VERSION.includes(code);
  return dialect.protocol === 'MQTT 5' && versionRefused ? { ...dialect, protocol: 'MQTT 3.1.1' } : undefined;
}

/** Connects in the newest protocol that the broker speaks. */
export const connectMqtt: ConnectUplink = async (settings, clock, signal) => {
  const endpoint = endpointOf(settings.url);
  const late = new AbortController();
  const cancel = clock.after(settings.timeout, () => {
    const text = `${nameOf(endpoint)}: no connection within ${settings.timeout} ms`;
    late.abort(new GatewayError('destination-unreachable', text));
  });
  try {
    const limit = AbortSignal.any([signal, late.signal]);
    const protocol = settings.protocol === '3.1.1' ? 'MQTT 3.1.1' : 'MQTT 5';
    for (let dialect: Dialect = { protocol, retain: true }; ;) {
      const answer = await introduce({ settings, endpoint, dialect, clock }, limit);
      if (answer instanceof MqttUplink) return answer;
      const simpler = simplerDialect(dialect, answer);
      const isForbidden = settings.protocol === '5' && simpler?.protocol === 'MQTT 3.1.1';
      if (simpler === undefined || isForbidden) throw refusal(endpoint, answer);
      dialect = simpler;
    }
  } finally {
    cancel();
  }
};

function refusal(endpoint: Endpoint, end: End): GatewayError {
  return new GatewayError('destination-refused', `${nameOf(endpoint)}: ${end.text}`);
}

type Introduction = {
  readonly settings: UplinkSettings;
  readonly endpoint: Endpoint;
  readonly dialect: Dialect;
  readonly clock: Clock;
};

/** One connection, one CONNECT. The answer is a session, or how it was refused. */
async function introduce(introduction: Introduction, signal: AbortSignal): Promise<MqttUplink | End> {
  const { settings, endpoint } = introduction;
  const library = await import('mqtt');
  const tcp = await openTcp(endpoint, signal);
  const socket = endpoint.secure ? await openTls(tcp, endpoint, settings.tls, signal) : tcp;
  const client = new library.MqttClient(() => socket, {
    ...clientOptions(introduction),
    outgoingStore: storingNothing(new library.Store()),
  });
  const ended = endOf(client, socket);
  const connected = new Promise<IConnackPacket>((resolve) => client.once('connect', resolve));
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  const answer = await Promise.race([connected, ended]);
  signal.removeEventListener('abort', abort);
  if ('cmd' in answer && !signal.aborted) return session(introduction, { client, socket, ended, connack: answer });
  socket.destroy();
  signal.throwIfAborted();
  return 'cmd' in answer ? { code: undefined, text: 'aborted' } : answer;
}

function clientOptions({ settings, dialect }: Introduction) {
  const { user, will } = settings;
  const modern = dialect.protocol === 'MQTT 5';
  return {
    protocolVersion: levels[dialect.protocol],
    clientId: settings.clientId,
    clean: true,
    keepalive: Math.max(1, Math.round(settings.keepAlive / 1000)),
    ...(user !== undefined && { username: user.name }),
    ...(user?.password !== undefined && { password: user.password }),
    ...(will !== undefined && {
      will: {
        topic: will.topic,
        payload: will.payload,
        qos: 1 as const,
        retain: will.retain && dialect.retain,
        ...(modern && userProperties(will)),
      },
    }),
    ...(modern && { properties: { sessionExpiryInterval: 0, maximumPacketSize: LARGEST_INCOMING_PACKET } }),
    reconnectPeriod: 0,
    connectTimeout: settings.timeout,
    resubscribe: false,
    writeCache: false, // a table of 65 536 buffers
    timerVariant: 'native',
    log: () => undefined,
  } as const;
}

/** What the library is given of them; it writes a malformed packet where there are none. */
function userProperties({ properties }: Pick<Message, 'properties'>) {
  if (Object.keys(properties).length === 0) return {};
  return { properties: { userProperties: { ...properties } } };
}

/** The journal is the only queue: what is not acknowledged is read from there again, by a later session. */
function storingNothing(store: Store): Store {
  store.put = (_, done) => {
    done();
    return store;
  };
  store.del = (_, done) => {
    done();
    return store;
  };
  return store;
}

type Connected = {
  readonly client: MqttClient;
  readonly socket: Socket;
  readonly ended: Promise<End>;
  readonly connack: IConnackPacket;
};

function session(introduction: Introduction, connected: Connected): MqttUplink | End {
  const properties = connected.connack.properties;
  if (properties?.maximumQoS === 0 && !introduction.settings.lossy) {
    connected.socket.destroy();
    return { code: QOS_NOT_SUPPORTED, text: reasonText(QOS_NOT_SUPPORTED) };
  }
  return new MqttUplink(introduction, connected);
}

type Pending = { readonly resolve: () => void; readonly reject: (error: GatewayError) => void };

class MqttUplink implements Uplink {
  readonly protocol: Dialect['protocol'];
  readonly limits: UplinkLimits;
  readonly closed: Promise<GatewayError>;
  readonly #client: MqttClient;
  readonly #socket: Socket;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #retain: boolean;
  /** In the order in which they were sent, which is the order in which they are acknowledged (MQTT 5 4.6). */
  readonly #pending = new Set<Pending>();
  readonly #proofs: Proofs<Pending>;
  #cancelDeadline: () => void = () => undefined;
  #end: GatewayError | undefined;
  readonly #close: (error: GatewayError) => void;

  constructor({ settings, endpoint, dialect, clock }: Introduction, { client, socket, ended, connack }: Connected) {
    this.protocol = dialect.protocol;
    this.limits = {
      inFlight: connack.properties?.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM,
      packet: connack.properties?.maximumPacketSize ?? Infinity,
    };
    this.#client = client;
    this.#socket = socket;
    this.#timeout = settings.timeout;
    this.#clock = clock;
    this.#retain = dialect.retain && connack.properties?.retainAvailable !== false;
    const { promise, resolve } = Promise.withResolvers<GatewayError>();
    this.closed = promise;
    this.#close = resolve;
    this.#proofs = new Proofs(client, (read) => {
      for (const pending of read) if (this.#forget(pending)) pending.resolve();
    });
    ended.then(
      ({ code, text }) => this.#finish(disconnectError(code, `${nameOf(endpoint)}: ${text}`)),
      () => undefined,
    );
  }

  publish(message: Message): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const tooLarge = this.#tooLarge(message);
    if (tooLarge !== undefined) return Promise.reject(tooLarge);
    return new Promise((resolve, reject) => {
      const pending: Pending = { resolve, reject };
      this.#pending.add(pending);
      if (this.#pending.size === 1) this.#watchOldest();
      this.#client.publish(message.topic, message.payload, this.#options(message), (error) => {
        const isWell = error === undefined || error === null;
        if (isWell && message.qos === 0) return; // it has left us, which says nothing
        const code = isWell ? 0 : reasonCodeOf(error);
        // What the library gives up with a connection waits for the name of that end, which settles it.
        if (code === undefined || !this.#forget(pending)) return;
        if (isWell) resolve();
        else reject(this.#judge(code, message.topic));
      });
      if (message.qos === 0) this.#proofs.ask(pending);
    });
  }

  #options({ qos, retain, properties }: Message) {
    return {
      qos,
      retain: retain && this.#retain,
      ...(this.protocol === 'MQTT 5' && userProperties({ properties })),
    } as const;
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    if (filters.length === 0) return;
    const granted = new Promise<readonly number[]>((resolve, reject) =>
      this.#client.subscribe(
        [...filters],
        { qos: 1, ...(this.protocol === 'MQTT 5' && AS_PUBLISHED) },
        (error, _granted, packet) => {
          if (packet === undefined) reject(this.#end ?? new GatewayError('destination-lost', messageOf(error)));
          else resolve(packet.granted.map(Number));
        },
      ),
    );
    const late = (): GatewayError =>
      new GatewayError('destination-lost', `no answer to a subscription within ${this.#timeout} ms`);
    const limit = { clock: this.#clock, milliseconds: this.#timeout, late };
    const ended = this.closed.then((reason) => Promise.reject(reason));
    const codes = await withDeadline(Promise.race([granted, ended]), limit);
    const refused = codes.findIndex((code) => code >= REFUSED);
    if (refused < 0) return;
    const text = `subscription to ${filters[refused]}: ${reasonText(codes[refused] ?? REFUSED)}`;
    throw new GatewayError('destination-refused', text);
  }

  onMessage(listener: (incoming: Incoming) => void): void {
    this.#client.on('message', (topic, payload, { retain }) => listener({ topic, payload, retained: retain }));
  }

  onHeard(listener: () => void): void {
    this.#client.on('packetreceive', listener);
  }

  async goodbye(will?: 'with-will'): Promise<void> {
    if (this.#end !== undefined) return;
    this.#settle(new GatewayError('destination-lost', 'we have said goodbye'));
    // What waits for an acknowledgement would keep the library from its DISCONNECT.
    for (const id of Object.keys(this.#client.outgoing)) this.#client.removeOutgoingMessage(Number(id));
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(LONGEST_GOODBYE, resolve);
      const reasonCode = will !== undefined && this.protocol === 'MQTT 5' ? DISCONNECT_WITH_WILL : 0;
      this.#client.end(false, { reasonCode }, () => {
        cancel();
        resolve();
      });
    });
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.#finish(new GatewayError('destination-lost', 'we have hung up'));
  }

  #tooLarge({ topic, payload, properties }: Message): GatewayError | undefined {
    const size = packetOverhead(topic, properties) + payload.length;
    if (size <= this.limits.packet) return undefined;
    const text = `${topic}: a packet of ${size} bytes, and the broker takes ${this.limits.packet}`;
    return new GatewayError('message-refused', text);
  }

  /** False when it was settled already: an acknowledgement after the end. */
  #forget(pending: Pending): boolean {
    const [oldest] = this.#pending;
    const known = this.#pending.delete(pending);
    if (oldest === pending) this.#watchOldest();
    return known;
  }

  /** One deadline for the oldest message: each has the whole time from the moment in which it is the next in turn. */
  #watchOldest(): void {
    this.#cancelDeadline();
    if (this.#pending.size === 0) return;
    this.#cancelDeadline = this.#clock.after(this.#timeout, () =>
      this.#finish(new GatewayError('destination-lost', `no acknowledgement within ${this.#timeout} ms`)),
    );
  }

  #judge(code: number, topic: string): GatewayError {
    const fault = pubackError(code, topic);
    if (fault.code !== 'message-refused') this.#finish(fault);
    return fault;
  }

  #finish(error: GatewayError): void {
    this.#settle(error);
    this.#socket.destroy();
  }

  #settle(error: GatewayError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#cancelDeadline();
    for (const { reject } of this.#pending) reject(error);
    this.#pending.clear();
    this.#close(error);
  }
}
