import { isoTime, parseTime } from '../../model/clock.ts';
import type { ValueType } from '../../model/point.ts';
import type { Message } from '../destination.ts';
import type { CataloguePoint, Format, FormatSession, SessionFacts } from '../format.ts';
import { packetOverhead } from '../packet-size.ts';
import { asciiJson } from './json-text.ts';
import { opcuaStatusOf } from '../../model/opcua-status.ts';
import { byDevice, frames, PieceEncoder, type Piece, type PieceFormat, type SaidReading } from './pieces.ts';
import { silence } from './plain-session.ts';
import { unitName } from './unit-names.ts';

// OPC UA PubSub over MQTT with JSON (IEC 62541-14, 7.2.5 and 7.3.4.7): the gateway is a publisher with one writer group,
// each device a data set writer, each point a field.

const WRITER_GROUP = 'weir';
const PROFILE = 'http://opcfoundation.org/UA-Profile/Transport/pubsub-mqtt-json';

/** PubSubState (Part 14, 6.2.1). */
const states = { disabled: 0, operational: 2, error: 3 } as const;

/** Part 6, 5.1.2. */
const builtInTypes = {
  bool: 1,
  int16: 4,
  uint16: 5,
  int32: 6,
  uint32: 7,
  int64: 8,
  uint64: 9,
  float32: 10,
  float64: 11,
  string: 12,
} as const satisfies Record<ValueType, number>;

export const opcuaPubSubFormat: Format = {
  delivery: {
    acknowledgement: 'puback',
    coverage: 'none',
    retained: ['status', 'connection', 'metadata'],
    births: false,
  },
  session: (facts) => new PubSubSession(facts),
};

class PubSubSession implements FormatSession {
  readonly will: Message;
  readonly overhead: number;
  readonly encoder: FormatSession['encoder'];
  readonly isWaiting = false;
  readonly leavesWithWill = false;
  readonly mayBeDeaf = false;
  readonly correction = silence.correction;
  readonly filters = silence.filters;
  readonly understand = silence.understand;
  readonly presence = silence.presence;
  readonly loss = silence.loss;
  readonly health = silence.health;
  readonly result = silence.result;
  readonly #publisher: string;
  readonly #prefix: string;
  #messages = 0;
  #version = 0;
  /** Number and next sequence number of each device's writer. */
  #writers = new Map<string, { readonly id: number; sequence: number }>();

  constructor({ identity: { gateway, epoch }, now }: SessionFacts) {
    this.#publisher = gateway;
    this.#prefix = `${gateway}-${epoch}-${now.toString(36)}`;
    this.will = this.#status(states.error, now);
    this.overhead = packetOverhead(this.#topic('metadata', 'x'.repeat(LONGEST_ID)), {});
    this.encoder = (_lane, lookup) => new PieceEncoder(this.#data, lookup);
  }

  introduction(points: readonly CataloguePoint[], now: number): readonly Message[] {
    const devices = [...Map.groupBy(points, ({ definition }) => definition.device)];
    this.#version = Math.floor((now - YEAR_2000) / 1000);
    const writers = devices.map(
      ([device], index) => [device, { id: index + 1, sequence: this.#writers.get(device)?.sequence ?? 0 }] as const,
    );
    this.#writers = new Map(writers);
    return [
      this.#connection(now),
      ...devices.map(([device, own]) => this.#metadata(device, own, now)),
      this.#status(states.operational, now),
    ];
  }

  farewell(now: number): readonly Message[] {
    return [this.#status(states.disabled, now)];
  }

  readonly #data: PieceFormat = {
    piece: field,
    around: 260, // a data set message around a single field
    messages: (pieces) => [...byDevice(pieces)].map(([device, own]) => this.#networkMessage(device, own)),
  };

  #networkMessage(device: string, pieces: readonly Piece[]): Message {
    const head = this.#head('ua-data', `"WriterGroupName":"${WRITER_GROUP}",`);
    const messages = frames(pieces).map((frame) => this.#dataSetMessage(device, frame));
    return this.#message(this.#topic('data', device), `${head}"Messages":[${messages.join(',')}]}`, false);
  }

  #dataSetMessage(device: string, frame: readonly Piece[]): string {
    const writer = this.#writers.get(device) ?? { id: 0, sequence: 0 };
    writer.sequence = (writer.sequence + 1) % 2 ** 32;
    const time = isoTime(frame[0]?.reading.wall ?? 0);
    const version = `{"MajorVersion":${this.#version},"MinorVersion":${this.#version}}`;
    const fields = frame.map(({ text }) => text).join(',');
    return `{"DataSetWriterId":${writer.id},"DataSetWriterName":${asciiJson(device)},"SequenceNumber":${writer.sequence},"MetaDataVersion":${version},"Timestamp":"${time}","MessageType":"ua-deltaframe","Payload":{${fields}}}`;
  }

  #metadata(device: string, points: readonly CataloguePoint[], now: number): Message {
    const body = {
      DataSetWriterId: this.#writers.get(device)?.id ?? 0,
      WriterGroupName: WRITER_GROUP,
      DataSetWriterName: device,
      Timestamp: isoTime(now),
      MetaData: {
        Name: device,
        Fields: points.map(fieldMetaData),
        ConfigurationVersion: { MajorVersion: this.#version, MinorVersion: this.#version },
      },
    };
    return this.#retained('ua-metadata', this.#topic('metadata', device), body);
  }

  #connection(now: number): Message {
    const writers = [...this.#writers].map(([name, { id }]) => ({ Name: name, Enabled: true, DataSetWriterId: id }));
    const body = {
      Timestamp: isoTime(now),
      Connection: {
        Name: this.#publisher,
        Enabled: true,
        PublisherId: this.#publisher,
        TransportProfileUri: PROFILE,
        WriterGroups: [{ Name: WRITER_GROUP, Enabled: true, DataSetWriters: writers }],
      },
    };
    return this.#retained('ua-connection', `opcua/json/connection/${this.#publisher}`, body);
  }

  #status(state: number, now: number): Message {
    const body = { Timestamp: isoTime(now), IsCyclic: false, Status: state };
    return this.#retained('ua-status', `opcua/json/status/${this.#publisher}`, body);
  }

  #topic(type: 'data' | 'metadata', device: string): string {
    return `opcua/json/${type}/${this.#publisher}/${WRITER_GROUP}/${device}`;
  }

  #retained(type: string, topic: string, body: object): Message {
    return this.#message(topic, `${this.#head(type)}${JSON.stringify(body).slice(1)}`, true);
  }

  /** The beginning of every message; its id is that of no other message. */
  #head(type: string, more = ''): string {
    this.#messages += 1;
    return `{"MessageId":"${this.#prefix}-${this.#messages}","MessageType":"${type}","PublisherId":"${this.#publisher}",${more}`;
  }

  #message(topic: string, text: string, retain: boolean): Message {
    return { topic, payload: Buffer.from(text), qos: 1, retain, properties: {} };
  }
}

const LONGEST_ID = 64;
const YEAR_2000 = parseTime('2000-01-01T00:00:00.000Z'); // VersionTime counts from there (Part 4, 7.44)

/** A field as DataValue (Part 6, 5.4.2.18): the status only where it is not good, the device's time where it gave one. */
function field(reading: SaidReading): string {
  const { definition, value, sourceTime, wall } = reading;
  const { code, symbol } = opcuaStatusOf(reading);
  const parts = [
    ...(value === undefined ? [] : [`"Value":${valueText(reading, value)}`]),
    ...(code === 0 ? [] : [`"Status":{"Code":${code},"Symbol":"${symbol}"}`]),
    `"SourceTimestamp":"${isoTime(Math.max(0, sourceTime ?? wall))}"`,
  ];
  return `${asciiJson(definition.name)}:{${parts.join(',')}}`;
}

/** Integers of 64 bits are texts (Part 6, 5.4.2.3). */
function valueText({ definition: { type }, kind }: SaidReading, value: string): string {
  return kind === 'number' && (type === 'int64' || type === 'uint64') ? `"${value}"` : value;
}

function fieldMetaData({ definition }: CataloguePoint): object {
  const { name, type, unit, quantity, obis } = definition;
  const properties = { Unit: unit, UnitCode: unitName('unece', unit), Quantity: quantity, Obis: obis };
  return {
    Name: name,
    BuiltInType: builtInTypes[type],
    DataType: { Id: builtInTypes[type] },
    ValueRank: -1,
    Properties: Object.entries(properties).flatMap(([key, value]) =>
      value === undefined ? [] : [{ Key: { Name: key }, Value: value }],
    ),
  };
}
