import type { MqttClient } from 'mqtt';

/**
 * What nobody acknowledges is proven by a ping: packets are read in their order, and whoever answers a PINGREQ has read
 * what was sent before it (MQTT 5 3.12.4).
 */
export class Proofs<Sent> {
  readonly #client: MqttClient;
  /** Sent since the last PINGREQ. */
  #unproven: Sent[] = [];
  /** What each PINGREQ that is not answered yet will prove; the keep-alive's own are among them. */
  readonly #asked: (readonly Sent[])[] = [];

  constructor(client: MqttClient, proven: (sent: readonly Sent[]) => void) {
    this.#client = client;
    client.on('packetsend', ({ cmd }) => {
      if (cmd === 'pingreq') this.#asked.push(this.#unproven.splice(0));
    });
    client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'pingresp') proven(this.#asked.shift() ?? []);
    });
  }

  /** Asks for a proof of what was sent just now; what is sent in the same moment shares it. */
  ask(sent: Sent): void {
    this.#unproven.push(sent);
    if (this.#unproven.length > 1) return;
    queueMicrotask(() => {
      if (this.#unproven.length > 0) this.#client.sendPing();
    });
  }
}
