import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A PUBLISH as it came over the wire. */
export type Publication = {
  /** 0 where the quality of service is 0. */
  readonly id: number;
  readonly topic: string;
  readonly payload: string;
  readonly bytes: Buffer;
  readonly qos: number;
  readonly retain: boolean;
};

/** What a client asked for when it connected. */
export type Introduction = {
  readonly version: number;
  readonly cleanStart: boolean;
  /** Seconds; undefined where the property is absent, and in MQTT 3.1.1. */
  readonly sessionExpiry: number | undefined;
  readonly keepAlive: number;
  readonly will: Omit<Publication, 'id'> | undefined;
};

/** What a broker does with each packet; whatever is left out it does as it should. */
export type Behaviour = {
  readonly connect?: (connection: BrokerConnection) => void;
  readonly publish?: (connection: BrokerConnection, publication: Publication) => void;
  /** Told of each subscription, after it was granted. */
  readonly subscribed?: (connection: BrokerConnection, filter: string, qos: number) => void;
};

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PINGREQ = 12;
const DISCONNECT = 14;

/** One client of the far end; packets are written as bytes, so that wrong ones can be written too. */
export class BrokerConnection {
  readonly socket: Socket;
  /** Of the CONNECT: 4 for MQTT 3.1.1, 5 for MQTT 5. */
  version = 0;
  introduction: Introduction | undefined;
  /** Reason of its DISCONNECT; undefined before it came. */
  goodbye: number | undefined;
  readonly #behaviour: Behaviour;
  #input = Buffer.alloc(0);

  constructor(socket: Socket, behaviour: Behaviour) {
    this.socket = socket;
    this.#behaviour = behaviour;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => this.#receive(chunk));
  }

  /** CONNACK (MQTT 5 3.2); `properties` are its bytes. */
  connack(reason = 0, properties: readonly number[] = []): void {
    const tail = this.version === 5 ? [properties.length, ...properties] : [];
    this.send([0x20, 2 + tail.length, 0, reason, ...tail]);
  }

  /** PUBACK (MQTT 5 3.4). */
  puback(id: number, reason = 0): void {
    const tail = this.version === 5 && reason !== 0 ? [reason] : [];
    this.send([0x40, 2 + tail.length, id >> 8, id & 0xff, ...tail]);
  }

  /** DISCONNECT (MQTT 5 3.14). */
  disconnect(reason: number): void {
    this.send([0xe0, 1, reason]);
    this.socket.end();
  }

  /** A message of QoS 0 for the client. */
  deliver(topic: string, payload: Buffer, retain = false): void {
    const name = Buffer.from(topic);
    const properties = this.version === 5 ? [0] : [];
    const body = Buffer.concat([
      Buffer.from([name.length >> 8, name.length & 0xff]),
      name,
      Buffer.from(properties),
      payload,
    ]);
    const lengths = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
    this.socket.write(Buffer.concat([Buffer.from([0x30 | (retain ? 1 : 0), ...lengths]), body]));
  }

  send(bytes: readonly number[]): void {
    this.socket.write(Buffer.from(bytes));
  }

  #receive(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) this.#handle(packet.head, packet.body);
  }

  #next(): { head: number; body: Buffer } | undefined {
    const { value: length, end } = varint(this.#input, 1);
    const size = end + length;
    if (Number.isNaN(size) || this.#input.length < size) return undefined;
    const packet = { head: this.#input[0] ?? 0, body: this.#input.subarray(end, size) };
    this.#input = this.#input.subarray(size);
    return packet;
  }

  #handle(head: number, body: Buffer): void {
    const type = head >> 4;
    if (type === CONNECT) {
      this.version = body[6] ?? 0;
      this.introduction = introductionOf(body);
      (this.#behaviour.connect ?? ((connection) => connection.connack()))(this);
    }
    if (type === PUBLISH) {
      const acknowledge = (connection: BrokerConnection, { id, qos }: Publication): void => {
        if (qos > 0) connection.puback(id);
      };
      (this.#behaviour.publish ?? acknowledge)(this, this.#publication(head, body));
    }
    if (type === SUBSCRIBE) this.#subscribe(body);
    if (type === PINGREQ) this.send([0xd0, 0]);
    if (type === DISCONNECT) this.goodbye = body[0] ?? 0;
  }

  /** SUBSCRIBE (MQTT 5 3.8), all of it granted. */
  #subscribe(body: Buffer): void {
    const { value, end } = this.version === 5 ? varint(body, 2) : { value: 0, end: 2 };
    const filters: { filter: string; qos: number }[] = [];
    for (let at = end + value; at < body.length;) {
      const stop = at + 2 + body.readUInt16BE(at);
      filters.push({ filter: body.toString('utf8', at + 2, stop), qos: (body[stop] ?? 0) & 3 });
      at = stop + 1;
    }
    const properties = this.version === 5 ? [0] : [];
    this.send([
      0x90,
      2 + properties.length + filters.length,
      body[0] ?? 0,
      body[1] ?? 0,
      ...properties,
      ...filters.map(({ qos }) => qos),
    ]);
    for (const { filter, qos } of filters) this.#behaviour.subscribed?.(this, filter, qos);
  }

  #publication(head: number, body: Buffer): Publication {
    const topicEnd = 2 + body.readUInt16BE(0);
    const qos = (head >> 1) & 3;
    const idEnd = topicEnd + (qos === 0 ? 0 : 2);
    const properties = this.version === 5 ? varint(body, idEnd) : { value: 0, end: idEnd };
    const bytes = body.subarray(properties.end + properties.value);
    return {
      id: qos === 0 ? 0 : body.readUInt16BE(topicEnd),
      topic: body.toString('utf8', 2, topicEnd),
      payload: bytes.toString('utf8'),
      bytes,
      qos,
      retain: (head & 1) === 1,
    };
  }
}

/** CONNECT (MQTT 5 3.1). */
function introductionOf(body: Buffer): Introduction {
  const version = body[6] ?? 0;
  const flags = body[7] ?? 0;
  const properties = version === 5 ? varint(body, 10) : { value: 0, end: 10 };
  const propertiesEnd = properties.end + properties.value;
  const expiry = body.subarray(properties.end, propertiesEnd).indexOf(0x11); // Session Expiry Interval
  const idEnd = propertiesEnd + 2 + body.readUInt16BE(propertiesEnd);
  return {
    version,
    cleanStart: (flags & 2) !== 0,
    sessionExpiry: expiry < 0 ? undefined : body.readUInt32BE(properties.end + expiry + 1),
    keepAlive: body.readUInt16BE(8),
    will: (flags & 4) === 0 ? undefined : willOf(body, idEnd, flags),
  };
}

function willOf(body: Buffer, from: number, flags: number): Introduction['will'] {
  const properties = body[6] === 5 ? varint(body, from) : { value: 0, end: from };
  const topicAt = properties.end + properties.value;
  const topicEnd = topicAt + 2 + body.readUInt16BE(topicAt);
  const bytes = body.subarray(topicEnd + 2, topicEnd + 2 + body.readUInt16BE(topicEnd));
  return {
    topic: body.toString('utf8', topicAt + 2, topicEnd),
    payload: bytes.toString('utf8'),
    bytes,
    qos: (flags >> 3) & 3,
    retain: (flags & 0x20) !== 0,
  };
}

/** A variable byte integer (MQTT 5 1.5.5); NaN while it is incomplete. */
function varint(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0;
  for (let index = from, factor = 1; index < bytes.length; index += 1, factor *= 0x80) {
    const byte = bytes[index] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: index + 1 };
  }
  return { value: NaN, end: from };
}

/** A broker that misbehaves on request, on a loopback port. */
export class BrokerFarEnd implements AsyncDisposable {
  readonly connections: BrokerConnection[] = [];
  readonly #server: Server;
  #behaviour: Behaviour;
  readonly #waiting = new Set<() => void>();

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#server = createServer((socket) => {
      this.connections.push(new BrokerConnection(socket, this.#behaviour));
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  /** How it treats connections from now on. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /** Resolves once `count` connections have been made. */
  async connected(count: number): Promise<void> {
    while (this.connections.length < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
