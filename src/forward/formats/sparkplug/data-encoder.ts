import { KIND_MASK, valueKinds, type Columns } from '../../../journal/codec.ts';
import type { PointNumber } from '../../../model/reading.ts';
import type { ValueType } from '../../../model/point.ts';
import type { Message } from '../../destination.ts';
import type { DataEncoder, Envelope, MessageLimits, PointLookup, ReadableBatch } from '../../format.ts';
import type { Lane } from '../../window.ts';
import { aliasOf, type BirthsAndDeaths } from './edge-node.ts';
import { storedAt, writeMetric, writeNumber, type Metric } from './metric.ts';
import { Output } from './output.ts';
import { appendMetric, sealed } from './payload.ts';
import { isSilence, propertySet, qualityProperties, type Properties } from './properties.ts';
import { metricTags, payloadTags } from './schema.ts';

// The hot path of Sparkplug: metrics are written straight into one buffer for each device, and nothing is allocated for
// a reading that is good and a number (test/bench/encode.ts).

/** What is gathered for one device. */
type DeviceData = { readonly device: string; readonly topic: string; readonly output: Output; count: number };

type PointData = {
  readonly id: string;
  readonly data: DeviceData;
  readonly type: ValueType;
  /** Tag and varint. */
  readonly alias: Buffer;
  readonly aliasNumber: number;
  readonly formerUnit: string | undefined;
  /** The host takes its quality for good: it need not be said. */
  isGood: boolean;
};

const NUMERIC: readonly boolean[] = Array.from({ length: KIND_MASK + 1 }, (_, kind) => isNumeric(kind));

function isNumeric(kind: number): boolean {
  return kind >= valueKinds.integer && kind !== valueKinds.bigint && kind !== valueKinds.text;
}

/** Nothing is to be said of it but its value. */
function isWell({ qualities, reasons, sourceTimes }: Columns, index: number): boolean {
  return qualities[index] === 0 && reasons[index] === 0 && sourceTimes === undefined;
}

const ENVELOPE = 24; // timestamp and sequence number
const LONGEST_PLAIN = 64; // a metric of a number

export class SparkplugEncoder implements DataEncoder {
  readonly #node: BirthsAndDeaths;
  readonly #lane: Lane;
  readonly #lookup: PointLookup;
  readonly #points: (PointData | null | undefined)[] = [];
  readonly #devices = new Map<string, DeviceData>();
  readonly #scratch = new Output();
  /** Tag and varint of a timestamp, and the time that they say: readings of one answer share it. */
  #time = new Output(16);
  #timeOf = NaN;
  #size = 0;
  #births = 0;
  #newest: { sequence: number; point: PointNumber; wall: number } | undefined;
  count = 0;

  constructor(node: BirthsAndDeaths, lane: Lane, lookup: PointLookup) {
    this.#node = node;
    this.#lane = lane;
    this.#lookup = lookup;
  }

  get newest(): DataEncoder['newest'] {
    if (this.#newest === undefined) return undefined;
    const { sequence, point, wall } = this.#newest;
    return { sequence, wall, point: this.#point(point)?.id ?? '' };
  }

  add(batch: ReadableBatch, from: number, to: number, limits: MessageLimits): number {
    const { points } = batch.columns;
    this.#mindBirths();
    const newsFrom = this.#lane === 'backlog' ? Infinity : this.#node.bornUpto + 1;
    let newest = -1;
    let index = from;
    for (; index < to; index += 1) {
      const point = this.#point(points[index] ?? 0);
      if (point === null || this.#isToldByDeath(batch, index, point)) continue;
      if (this.count >= limits.readings) break;
      const { output } = point.data;
      const before = output.at;
      this.#reading(batch, index, point, batch.first + index < newsFrom);
      const size = this.#size + output.at - before;
      if (this.count > 0 && size > limits.bytes - ENVELOPE) {
        output.at = before;
        break;
      }
      this.#size = size;
      this.count += 1;
      point.data.count += 1;
      newest = index;
    }
    if (newest >= 0) this.#note(batch, newest);
    return index;
  }

  finish({ clock, sent }: Envelope): readonly Message[] {
    if (this.count === 0) return [];
    const messages = [...this.#node.clock(clock, sent)];
    for (const data of this.#devices.values()) if (data.count > 0) messages.push(...this.#deviceMessages(data, sent));
    this.#size = 0;
    this.#newest = undefined;
    this.count = 0;
    return messages;
  }

  /** What a lost device had measured before can only be said of one that is born: it lives for the moment. */
  #deviceMessages(data: DeviceData, sent: number): readonly Message[] {
    const { device, topic, output } = data;
    const birth = this.#node.isBorn(device) ? [] : [this.#node.deviceBirth(device, sent)];
    const message = sealed({ topic, sent, seq: this.#node.nextSeq(), body: output.written() });
    output.at = 0;
    data.count = 0;
    return birth.length === 0 ? [message] : [...birth, message, this.#node.deviceDeath(device, sent)];
  }

  /** That nothing is heard of a device has been said when it died. */
  #isToldByDeath({ columns }: ReadableBatch, index: number, { data }: PointData): boolean {
    if (columns.qualities[index] === 0 || this.#node.isBorn(data.device)) return false;
    return isSilence(columns.qualities[index] ?? 0, columns.reasons[index] ?? 0);
  }

  /** A birth has told qualities of its own: each point says its quality once more. */
  #mindBirths(): void {
    if (this.#births === this.#node.births) return;
    this.#births = this.#node.births;
    for (const point of this.#points) if (point !== undefined && point !== null) point.isGood = false;
  }

  #note({ columns: { points, times }, first, offset }: ReadableBatch, index: number): void {
    this.#newest = { sequence: first + index, point: points[index] ?? 0, wall: (times[index] ?? 0) + offset };
  }

  #reading({ columns, offset }: ReadableBatch, index: number, point: PointData, isHistorical: boolean): void {
    const kind = columns.kinds[index] ?? 0;
    const wall = (columns.times[index] ?? 0) + offset;
    const isPlain = NUMERIC[kind] === true && isWell(columns, index) && point.isGood && point.formerUnit === undefined;
    if (isPlain && this.#plain(point, wall, columns.numbers[index] ?? 0, isHistorical)) return;
    this.#full(point, columns, index, { wall, isHistorical });
  }

  /** A metric of alias, timestamp and number; false, and nothing, where the number does not fit its type. */
  #plain({ data: { output }, alias, type }: PointData, wall: number, number: number, isHistorical: boolean): boolean {
    output.reserve(LONGEST_PLAIN);
    const start = output.at;
    output.byte(payloadTags.metric);
    output.byte(0); // its length, at the end
    output.append(alias);
    output.append(this.#timestamp(wall));
    if (isHistorical) {
      output.byte(metricTags.isHistorical);
      output.byte(1);
    }
    if (!writeNumber(output, type, number)) {
      output.at = start;
      return false;
    }
    output.patch(start + 1, output.at - start - 2);
    return true;
  }

  #full(
    point: PointData,
    columns: ReadableBatch['columns'],
    index: number,
    { wall, isHistorical }: { readonly wall: number; readonly isHistorical: boolean },
  ): void {
    const quality = columns.qualities[index] ?? 0;
    const reason = columns.reasons[index] ?? 0;
    const metric: Metric = {
      alias: point.aliasNumber,
      timestamp: wall,
      isHistorical,
      type: point.type,
      value: storedAt(columns, index),
      properties: propertySet({
        ...qualityProperties(quality, reason),
        ...more(columns.sourceTimes?.[index] ?? NaN, point.formerUnit),
      }),
    };
    this.#scratch.at = 0;
    const hasValue = writeMetric(this.#scratch, metric);
    if (!hasValue && quality === 0) {
      this.#scratch.at = 0;
      writeMetric(this.#scratch, { ...metric, properties: MISFIT });
    }
    point.isGood = quality === 0 && hasValue;
    appendMetric(point.data.output, this.#scratch.written());
  }

  #timestamp(wall: number): Buffer {
    if (wall !== this.#timeOf) {
      this.#timeOf = wall;
      this.#time.at = 0;
      this.#time.byte(metricTags.timestamp);
      this.#time.unsigned(Math.max(0, Math.floor(wall)));
    }
    return this.#time.written();
  }

  #point(number: PointNumber): PointData | null {
    const known = this.#points[number];
    if (known !== undefined) return known;
    const point = this.#lookup(number);
    const data = point === null ? null : this.#pointData(point);
    this.#points[number] = data;
    return data;
  }

  #pointData(point: NonNullable<ReturnType<PointLookup>>): PointData {
    const { id, device, type } = point.definition;
    const alias = new Output(16);
    alias.byte(metricTags.alias);
    alias.unsigned(aliasOf(point));
    const data = this.#devices.get(device) ?? this.#addDevice(device);
    const { formerUnit } = point;
    return { id, data, type, alias: alias.take(), aliasNumber: aliasOf(point), formerUnit, isGood: false };
  }

  #addDevice(device: string): DeviceData {
    const data = { device, topic: this.#node.topic('DDATA', device), output: new Output(), count: 0 };
    this.#devices.set(device, data);
    return data;
  }
}

/** A number outside its point's type: a driver's fault, and no value that a host could trust. */
const MISFIT = propertySet({
  Quality: { type: 'int32', value: 0 },
  Reason: { type: 'string', value: 'type-mismatch' },
});

function more(sourceTime: number, formerUnit: string | undefined): Properties {
  return {
    ...(sourceTime >= 0 && { SourceTime: { type: 'dateTime', value: Math.floor(sourceTime) } as const }),
    ...(formerUnit !== undefined && { engUnit: { type: 'string', value: formerUnit } as const }),
  };
}
