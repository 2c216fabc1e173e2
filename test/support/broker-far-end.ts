import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A PUBLISH as it came over the wire. */
export type Publication = {
  readonly id: number;
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
};

/** What a broker does with each packet; whatever is left out it does as it should. */
export type Behaviour = {
  readonly connect?: (connection: BrokerConnection) => void;
  readonly publish?: (connection: BrokerConnection, publication: Publication) => void;
};

const CONNECT = 1;
const PUBLISH = 3;
const PINGREQ = 12;

/** One client of the far end; packets are written as bytes, so that wrong ones can be written too. */
export class BrokerConnection {
  readonly socket: Socket;
  /** Of the CONNECT: 4 for MQTT 3.1.1, 5 for MQTT 5. */
  version = 0;
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
      (this.#behaviour.connect ?? ((connection) => connection.connack()))(this);
    }
    if (type === PUBLISH) {
      const acknowledge = (connection: BrokerConnection, { id }: Publication): void => connection.puback(id);
      (this.#behaviour.publish ?? acknowledge)(this, this.#publication(head, body));
    }
    if (type === PINGREQ) this.send([0xd0, 0]);
  }

  #publication(head: number, body: Buffer): Publication {
    const topicEnd = 2 + body.readUInt16BE(0);
    const properties = this.version === 5 ? varint(body, topicEnd + 2) : { value: 0, end: topicEnd + 2 };
    return {
      id: body.readUInt16BE(topicEnd),
      topic: body.toString('utf8', 2, topicEnd),
      payload: body.toString('utf8', properties.end + properties.value),
      retain: (head & 1) === 1,
    };
  }
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
