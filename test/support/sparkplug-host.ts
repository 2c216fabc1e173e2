import { createRequire } from 'node:module';
import { BrokerFarEnd, type BrokerConnection, type Introduction } from './broker-far-end.ts';

// A broker with a host application in it, that sees every packet of an edge node and reads payloads with the decoder of
// the Tahu project: an implementation that shares nothing with ours.

type Long = { toNumber(): number; toString(): string } | number;

/** A property value as the decoder gives it; exactly the fields that were on the wire. */
export type DecodedProperty = {
  type?: number;
  isNull?: boolean;
  intValue?: number;
  longValue?: Long;
  stringValue?: string;
};

/** A metric as the decoder gives it; exactly the fields that were on the wire. */
export type DecodedMetric = {
  name?: string;
  alias?: Long;
  timestamp?: Long;
  datatype?: number;
  isHistorical?: boolean;
  isNull?: boolean;
  properties?: { keys: string[]; values: DecodedProperty[] };
  intValue?: number;
  longValue?: Long;
  floatValue?: number;
  doubleValue?: number;
  booleanValue?: boolean;
  stringValue?: string;
  templateValue?: object;
  datasetValue?: object;
};

export type DecodedPayload = { timestamp?: Long; seq?: Long; metrics: DecodedMetric[] };

type Proto = { decode(bytes: Uint8Array): DecodedPayload; encode(payload: object): { finish(): Uint8Array } };

const require = createRequire(import.meta.url);
const { org } = require('sparkplug-payload/lib/sparkplugPayloadProto.js') as {
  org: { eclipse: { tahu: { protobuf: { Payload: Proto } } } };
};
const { Payload } = org.eclipse.tahu.protobuf;

export function decode(bytes: Uint8Array): DecodedPayload {
  return Payload.decode(bytes);
}

function encode(payload: object): Buffer {
  return Buffer.from(Payload.encode(payload).finish());
}

export function numberOf(value: Long | undefined): number {
  if (value === undefined) return NaN;
  return typeof value === 'number' ? value : value.toNumber();
}

/** Whether a field was on the wire: the decoder's defaults are on its prototype. */
export function has(of: object, field: string): boolean {
  return Object.hasOwn(of, field);
}

export type SparkplugMessage = {
  readonly topic: string;
  /** `NBIRTH` …, and the device where there is one. */
  readonly type: string;
  readonly device: string | undefined;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: DecodedPayload;
  /** Which connection it came over, from 0. */
  readonly connection: number;
};

export class SparkplugHost implements AsyncDisposable {
  readonly messages: SparkplugMessage[] = [];
  /** `filter qos`, in the order in which they were asked for. */
  readonly subscriptions: string[] = [];
  /** Sent to each client that subscribes to STATE. */
  state: { readonly host: string; readonly payload: string } | undefined;
  readonly #broker: BrokerFarEnd;
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.#broker = new BrokerFarEnd({
      publish: (connection, { id, topic, bytes, qos, retain }) => {
        if (qos > 0) connection.puback(id);
        const [, , type = '', , device] = topic.split('/');
        const index = this.#broker.connections.indexOf(connection);
        this.messages.push({ topic, type, device, qos, retain, payload: decode(bytes), connection: index });
        this.#wake();
      },
      subscribed: (connection, filter, qos) => {
        this.subscriptions.push(`${filter} ${qos}`);
        if (filter.includes('/STATE/') && this.state !== undefined)
          this.say(this.state.payload, this.state.host, connection);
        this.#wake();
      },
    });
  }

  async listen(): Promise<this> {
    await this.#broker.listen();
    return this;
  }

  get url(): string {
    return this.#broker.url;
  }

  get connections(): readonly BrokerConnection[] {
    return this.#broker.connections;
  }

  /** The client of now. */
  get client(): BrokerConnection {
    const client = this.#broker.connections.at(-1);
    if (client === undefined) throw new Error('nobody has connected');
    return client;
  }

  get introduction(): Introduction {
    if (this.client.introduction === undefined) throw new Error('there was no CONNECT');
    return this.client.introduction;
  }

  of(type: string, device?: string): readonly SparkplugMessage[] {
    return this.messages.filter(
      (message) => message.type === type && (device === undefined || message.device === device),
    );
  }

  /** Speaks as a host application: a STATE message. */
  say(payload: string, host = 'scada', client = this.client): void {
    client.deliver(`spBv1.0/STATE/${host}`, Buffer.from(payload), true);
  }

  /** Sends a command to the edge node, or to one of its devices. */
  command(metrics: readonly object[], device?: string, options: { readonly retain?: boolean } = {}): void {
    const topic = device === undefined ? 'spBv1.0/city/NCMD/harbour-07' : `spBv1.0/city/DCMD/harbour-07/${device}`;
    this.client.deliver(topic, encode({ timestamp: 1, metrics }), options.retain);
  }

  rebirth(): void {
    this.command([{ name: 'Node Control/Rebirth', timestamp: 1, datatype: 11, booleanValue: true }]);
  }

  decode(bytes: Uint8Array | undefined): DecodedPayload {
    if (bytes === undefined) throw new Error('there is no payload');
    return decode(bytes);
  }

  async until(predicate: (host: this) => boolean): Promise<void> {
    while (!predicate(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The value of a metric, whichever field carries it; undefined where none does. */
export function valueOf(metric: DecodedMetric): number | string | boolean | undefined {
  for (const field of ['intValue', 'floatValue', 'doubleValue', 'booleanValue', 'stringValue'] as const) {
    if (has(metric, field)) return metric[field];
  }
  return has(metric, 'longValue') ? numberOf(metric.longValue) : undefined;
}

/** The properties of a metric by name. */
export function propertiesOf(metric: DecodedMetric): Readonly<Record<string, number | string | undefined>> {
  const { keys = [], values = [] } = metric.properties ?? {};
  return Object.fromEntries(
    keys.map((key, index) => {
      const value = values[index];
      if (value === undefined) return [key, undefined];
      if (has(value, 'stringValue')) return [key, value.stringValue];
      return [key, has(value, 'intValue') ? value.intValue : numberOf(value.longValue)];
    }),
  );
}
