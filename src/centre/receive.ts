import type { Socket } from 'node:net';
import type { MqttClient } from 'mqtt';
import { reasonText } from '../forward/mqtt-reasons.ts';
import { endpointOf, nameOf, openTcp, openTls, tlsFault, type Endpoint } from '../forward/transport.ts';
import type { Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError, messageOf } from '../model/errors.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';
import { acknowledgeKept, MAX_UNACKNOWLEDGED, type Acknowledging, type Take } from './acknowledge.ts';
import { MAX_MESSAGE_BYTES } from './parse.ts';

// The receiving counterpart of forward/mqtt.ts: the library frames and keeps alive, the stream and the retries are ours.

const MAX_PACKET_BYTES = MAX_MESSAGE_BYTES + 64 * 1024; // topic and properties besides the payload
const SESSION_SECONDS = 7 * 24 * 3600; // how long the broker keeps what an absent centre did not get yet
const KEEP_ALIVE_SECONDS = 30;
const LONGEST_GOODBYE = 1000; // milliseconds
const REFUSED = 0x80; // MQTT 5 2.4: reason codes from here on are errors
const SESSION_TAKEN_OVER = 0x8e;
const UNSUPPORTED_VERSION: readonly unknown[] = [0x84, 0x01]; // the second is how a 3.1.1 broker says it
// RabbitMQ before 3.13 just closes when it meets a version that it does not know.
const UNGREETED = new Error('closed without an answer to our CONNECT');

const levels = { 'MQTT 5': 5, 'MQTT 3.1.1': 4 } as const;
type Protocol = keyof typeof levels;

/** The authorities that the runtime knows, no certificate of ours. */
export const PLAIN_TLS: TlsMaterial = {
  ca: undefined,
  certificate: undefined,
  key: undefined,
  verify: true,
  minimum: '1.3',
};

export type BrokerSettings = {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly clientId: string;
  /** Whether the broker keeps what it could not deliver, under this client id, for a week. */
  readonly session: boolean;
  readonly user: { readonly name: string; readonly password: string | undefined } | undefined;
  /** Absent: the authorities that the runtime knows, no certificate of ours, TLS 1.3. */
  readonly tls: TlsMaterial | undefined;
  /** Version of MQTT; absent: 5, or else 3.1.1 where the broker knows no other. */
  readonly protocol?: '5' | '3.1.1' | undefined;
  /** Milliseconds that connecting and subscribing may take together. */
  readonly timeout: number;
};

export type Reception = {
  readonly broker: BrokerSettings;
  readonly filters: readonly string[];
  readonly clock: Clock;
  /** Whatever it throws or rejects with ends the reception, the message unacknowledged. */
  readonly take: Take;
  /** Called once the subscriptions stand. */
  readonly subscribed: () => void;
};

/** Receives until `signal` aborts or the connection ends; rejects then, with the signal's reason or `destination-*`. */
export async function receive(reception: Reception, signal: AbortSignal): Promise<void> {
  const { broker, clock } = reception;
  const endpoint = endpointOf(broker.url);
  const late = new AbortController();
  const cancel = clock.after(broker.timeout, () => {
    const text = `${nameOf(endpoint)}: no connection within ${broker.timeout} ms`;
    late.abort(new GatewayError('destination-unreachable', text));
  });
  const subscribed = (): void => {
    cancel();
    reception.subscribed();
  };
  const limited = { ...reception, endpoint, subscribed, signal, limit: AbortSignal.any([signal, late.signal]) };
  try {
    await receiveIn(broker.protocol === '3.1.1' ? 'MQTT 3.1.1' : 'MQTT 5', limited).catch((error: unknown) => {
      if (broker.protocol === undefined && isOlderBroker(error)) return receiveIn('MQTT 3.1.1', limited);
      throw error;
    });
  } finally {
    cancel();
  }
}

type Limited = Reception & {
  readonly endpoint: Endpoint;
  /** The centre's end: say goodbye. */
  readonly signal: AbortSignal;
  /** That, or the end of the time for connecting. */
  readonly limit: AbortSignal;
};

async function receiveIn(protocol: Protocol, reception: Limited): Promise<void> {
  const { broker, endpoint, limit } = reception;
  const { MqttClient } = await import('mqtt');
  const tcp = await openTcp(endpoint, limit);
  const socket = endpoint.secure ? await openTls(tcp, endpoint, broker.tls ?? PLAIN_TLS, limit) : tcp;
  const client = new MqttClient(() => socket, clientOptions(protocol, broker));
  const { ended, fail } = endOf(client, socket, reception);
  const acknowledging = acknowledgeKept({ client, socket }, reception.take, (error) =>
    fail(asGatewayError(error, 'failed')),
  );
  try {
    await Promise.race([subscribe(client, reception), ended]);
    reception.subscribed();
    await ended;
  } finally {
    await sayGoodbye(client, acknowledging, reception);
    socket.destroy();
  }
}

function clientOptions(protocol: Protocol, { clientId, session, user, timeout }: BrokerSettings) {
  const expiry = session ? { sessionExpiryInterval: SESSION_SECONDS } : {};
  return {
    protocolVersion: levels[protocol],
    clientId,
    clean: !session,
    keepalive: KEEP_ALIVE_SECONDS,
    ...(user !== undefined && { username: user.name }),
    ...(user?.password !== undefined && { password: user.password }),
    ...(protocol === 'MQTT 5' && {
      properties: { maximumPacketSize: MAX_PACKET_BYTES, receiveMaximum: MAX_UNACKNOWLEDGED, ...expiry },
    }),
    reconnectPeriod: 0,
    connectTimeout: timeout,
    resubscribe: false,
    timerVariant: 'native',
    log: () => undefined,
  } as const;
}

type End = { readonly ended: Promise<never>; readonly fail: (error: unknown) => void };

/** Rejects at the first sign of the end. */
function endOf(client: MqttClient, socket: Socket, { broker, endpoint, limit }: Limited): End {
  const { promise, reject } = Promise.withResolvers<never>();
  const lost = (text: string, cause?: Error): void =>
    reject(new GatewayError('destination-lost', `${nameOf(endpoint)}: ${text}`, { cause }));
  let greeting: Error | undefined = UNGREETED;
  client.once('connect', () => {
    greeting = undefined;
  });
  promise.catch(() => undefined); // it may end before anybody waits for it
  limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  client.on('error', (error) => reject(connectFault(endpoint, error)));
  client.on('disconnect', ({ reasonCode = 0 }) => {
    if (reasonCode === SESSION_TAKEN_OVER) reject(takenOver(broker));
    else lost(reasonText(reasonCode));
  });
  client.on('close', () => lost('the broker closed the connection', greeting));
  guardLength(client, socket, () => lost('the broker sends a packet without end'));
  return { ended: promise, fail: reject };
}

function connectFault(endpoint: Endpoint, error: Error): GatewayError {
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  // With TLS 1.3 the broker judges our certificate only after our side of the handshake is over.
  const refusal = code === undefined ? tlsFault(error) : reasonText(code);
  const text = `${nameOf(endpoint)}: ${refusal ?? messageOf(error)}`;
  return new GatewayError(refusal === undefined ? 'destination-lost' : 'destination-refused', text, { cause: error });
}

function isOlderBroker(error: unknown): boolean {
  const cause = error instanceof GatewayError ? error.cause : undefined;
  if (cause === UNGREETED) return true;
  return cause instanceof Error && 'code' in cause && UNSUPPORTED_VERSION.includes(cause.code);
}

/** Going on would throw the other one out in turn, and so on for ever. */
function takenOver({ clientId }: BrokerSettings): GatewayError {
  return new GatewayError(
    'usage',
    `another client has connected as ${clientId}: each centre needs its own --client-id`,
  );
}

/** The library collects a packet of any length before it looks at it. */
function guardLength(client: MqttClient, socket: Socket, exceeded: () => void): void {
  let unparsed = 0;
  client.on('packetreceive', () => {
    unparsed = 0;
  });
  socket.on('data', (chunk: Buffer) => {
    unparsed += chunk.length;
    if (unparsed <= 2 * MAX_PACKET_BYTES) return;
    exceeded();
    socket.destroy();
  });
}

async function subscribe(client: MqttClient, { filters, endpoint }: Limited): Promise<void> {
  await new Promise((resolve) => client.once('connect', resolve));
  const codes = await new Promise<readonly number[]>((resolve) =>
    // Without an answer the connection has ended, which is heard elsewhere.
    client.subscribe(
      [...filters],
      { qos: 1 },
      (_error, _filters, answer) => answer && resolve(answer.granted.map(Number)),
    ),
  );
  const refused = codes.findIndex((code) => code >= REFUSED);
  if (refused < 0) return;
  const text = `${nameOf(endpoint)}: subscription to ${filters[refused]}: ${reasonText(codes[refused] ?? REFUSED)}`;
  throw new GatewayError('destination-refused', text);
}

/**
 * Without a goodbye the broker would wait for the keep-alive, and without the last acknowledgements send again what is
 * kept; after a failure there is nobody to say it to.
 */
async function sayGoodbye(
  client: MqttClient,
  { settled, stop }: Acknowledging,
  { clock, signal }: Limited,
): Promise<void> {
  stop();
  if (!signal.aborted || !client.connected) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(LONGEST_GOODBYE, resolve);
    void settled().then(() =>
      client.end(false, () => {
        cancel();
        resolve();
      }),
    );
  });
}
