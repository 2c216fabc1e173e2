import type { Socket } from 'node:net';
import type { MqttClient } from 'mqtt';

// The library waits with the next message until the last is acknowledged. A store that commits many messages at once
// needs many of them: so they pass through the library as if they were QoS 0, and the acknowledgements are ours.

/** Messages that may wait for their acknowledgement at any time; told to an MQTT 5 broker as our receive maximum. */
export const MAX_UNACKNOWLEDGED = 512;
// Nothing more is read meanwhile: messages of the largest size must not fill the memory.
const MAX_UNACKNOWLEDGED_BYTES = 16 * 1024 * 1024;

/** The message is acknowledged once this has returned and its promise, if any, is fulfilled. */
export type Take = (topic: string, payload: Uint8Array) => void | Promise<void>;

type Session = { readonly client: MqttClient; readonly socket: Socket };

export type Acknowledging = {
  /** Resolves once nothing waits for its acknowledgement. */
  readonly settled: () => Promise<void>;
  /** What the library has parsed already stays with it from now on, unacknowledged. */
  readonly stop: () => void;
};

/** Hands each message to `take` in the order of arrival and acknowledges in that order; tells `failed` why one is not kept. */
export function acknowledgeKept(
  { client, socket }: Session,
  take: Take,
  failed: (error: unknown) => void,
): Acknowledging {
  const ids = new WeakMap<object, number | undefined>();
  const unacknowledged = new Unacknowledged((id) => {
    if (socket.writable) socket.write(puback(id));
  });
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'publish' || packet.qos === 0) return;
    ids.set(packet, packet.messageId);
    packet.qos = 0;
  });
  client.handleMessage = (packet, readOn) => {
    const { topic, payload } = packet;
    const kept = unacknowledged.add(ids.get(packet), payload.length);
    try {
      const keeping = take(topic, typeof payload === 'string' ? Buffer.from(payload) : payload);
      if (keeping === undefined) kept();
      else keeping.then(kept, failed);
    } catch (error) {
      failed(error);
      return;
    }
    unacknowledged.whenRoom(readOn);
  };
  return {
    settled: () => new Promise((resolve) => unacknowledged.whenSettled(resolve)),
    stop: () => {
      client.handleMessage = () => undefined;
    },
  };
}

type Waiting = { readonly id: number | undefined; readonly bytes: number; isKept: boolean };

/** Messages in the order of their arrival, which is that of their acknowledgements (MQTT 5 4.6). */
class Unacknowledged {
  readonly #acknowledge: (id: number) => void;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #readOn: (() => void) | undefined;
  #settled: (() => void) | undefined;

  constructor(acknowledge: (id: number) => void) {
    this.#acknowledge = acknowledge;
  }

  /** A message with a packet id, or without one at QoS 0; what it returns is called once that is kept. */
  add(id: number | undefined, bytes: number): () => void {
    const entry: Waiting = { id, bytes, isKept: false };
    this.#waiting.push(entry);
    this.#bytes += bytes;
    return () => {
      entry.isKept = true;
      this.#advance();
    };
  }

  /** Calls `readOn` as soon as one more message may wait. */
  whenRoom(readOn: () => void): void {
    if (this.#isFull) this.#readOn = readOn;
    else readOn();
  }

  whenSettled(settled: () => void): void {
    if (this.#waiting.length === 0) settled();
    else this.#settled = settled;
  }

  // One more than an MQTT 5 broker may send: while it waits for us the answers to the keep-alive must be read.
  get #isFull(): boolean {
    return this.#waiting.length > MAX_UNACKNOWLEDGED || this.#bytes >= MAX_UNACKNOWLEDGED_BYTES;
  }

  #advance(): void {
    for (let [oldest] = this.#waiting; oldest?.isKept === true; [oldest] = this.#waiting) {
      this.#waiting.shift();
      this.#bytes -= oldest.bytes;
      if (oldest.id !== undefined) this.#acknowledge(oldest.id);
    }
    if (this.#waiting.length === 0) this.#settled?.();
    if (this.#readOn === undefined || this.#isFull) return;
    const readOn = this.#readOn;
    this.#readOn = undefined;
    readOn();
  }
}

/** MQTT 5 3.4.2.1: without a reason code it is a success; so it is the same in 3.1.1. */
function puback(id: number): Buffer {
  return Buffer.from([0x40, 2, id >> 8, id & 0xff]);
}
