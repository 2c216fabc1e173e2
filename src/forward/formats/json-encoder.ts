import { qualityNames, reasonNames, type Columns } from '../../journal/codec.ts';
import { isoTime, parseTime } from '../../model/clock.ts';
import type { PointNumber } from '../../model/reading.ts';
import type { Message } from '../destination.ts';
import type { DataEncoder, Envelope, GatewayIdentity, MessageLimits, PointLookup, ReadableBatch } from '../format.ts';
import { topicOf } from '../topic.ts';
import type { Lane } from '../window.ts';
import { asciiJson, isFloat, NO_VALUE, valueText } from './json-text.ts';

// The hot path: everything that a city's meters say passes through `add`. One growing string of ready-made pieces,
// turned into bytes once, is the quickest that V8 offers (test/bench/encode.ts). The text is kept to ASCII, with
// escapes, so that characters are bytes: its length is the length of the message.

/** `,"point":"main-meter/active-power","time":"`, and `,"unit":"W.h"` where the catalogue says something else by now. */
type PointText = { readonly id: string; readonly head: string; readonly unit: string };

const ENVELOPE = 200; // bytes at most around the readings, without the names of gateway and epoch

/** The messages of one lane. */
export function createJsonEncoder(identity: GatewayIdentity, lane: Lane, lookup: PointLookup): DataEncoder {
  return new JsonEncoder(identity, lane, lookup);
}

class JsonEncoder implements DataEncoder {
  readonly #topic: string;
  readonly #lookup: PointLookup;
  /** By point number; null where it is not for this destination. */
  readonly #points: (PointText | null | undefined)[] = [];
  readonly #time = rememberingIsoTime();
  readonly #head: string;
  readonly #properties: Message['properties'];
  #body = '';
  #newest: { sequence: number; point: PointNumber; wall: number } | undefined;
  count = 0;

  constructor(identity: GatewayIdentity, lane: Lane, lookup: PointLookup) {
    this.#topic = topicOf(identity.gateway, lane);
    this.#lookup = lookup;
    this.#properties = { gateway: identity.gateway, epoch: identity.epoch };
    this.#head = `{"gateway":${asciiJson(identity.gateway)},"epoch":${asciiJson(identity.epoch)},"covers":[`;
  }

  get newest(): DataEncoder['newest'] {
    if (this.#newest === undefined) return undefined;
    const { sequence, point, wall } = this.#newest;
    return { sequence, wall, point: this.#point(point)?.id ?? '' };
  }

  add(batch: ReadableBatch, from: number, to: number, limits: MessageLimits): number {
    const { points } = batch.columns;
    const largest = limits.bytes - this.#head.length - ENVELOPE;
    let body = this.#body;
    let newest = -1;
    let index = from;
    for (; index < to; index += 1) {
      const point = this.#point(points[index] ?? 0);
      if (point === null) continue;
      const text = this.#reading(batch, index, point);
      if (this.count > 0 && (this.count >= limits.readings || body.length + text.length >= largest)) break;
      body += this.count === 0 ? text : `,${text}`;
      this.count += 1;
      newest = index;
    }
    this.#body = body;
    if (newest >= 0) this.#note(batch, newest);
    return index;
  }

  finish({ covers: { after, upto }, clock, sent, isRepeat }: Envelope): readonly Message[] {
    const repeat = isRepeat === true ? ',"repeat":true' : '';
    const envelope = `${after},${upto}],"sent":"${isoTime(sent)}","clock":"${clock}"${repeat},"readings":[`;
    const payload = Buffer.from(`${this.#head}${envelope}${this.#body}]}`, 'latin1');
    this.#body = '';
    this.#newest = undefined;
    this.count = 0;
    const properties = { ...this.#properties, covers: `${after},${upto}` };
    return [{ topic: this.#topic, payload, qos: 1, retain: false, properties }];
  }

  #note({ columns: { points, times }, first, offset }: ReadableBatch, index: number): void {
    this.#newest = { sequence: first + index, point: points[index] ?? 0, wall: (times[index] ?? 0) + offset };
  }

  #reading({ columns, first, offset }: ReadableBatch, index: number, point: PointText): string {
    const wall = (columns.times[index] ?? 0) + offset;
    const value = valueText(columns, index);
    const rest = isPlain(columns, index, value) ? GOOD : restText(columns, index);
    return `{"seq":${first + index}${point.head}${this.#time(wall)}","value":${value}${rest}${point.unit}}`;
  }

  #point(number: PointNumber): PointText | null {
    const known = this.#points[number];
    if (known !== undefined) return known;
    const point = this.#lookup(number);
    const text = point === null ? null : pointText(point.definition.id, point.formerUnit);
    this.#points[number] = text;
    return text;
  }
}

function pointText(id: string, formerUnit: string | undefined): PointText {
  return {
    id,
    head: `,"point":${asciiJson(id)},"time":"`,
    unit: formerUnit === undefined ? '' : `,"unit":${asciiJson(formerUnit)}`,
  };
}

const GOOD = ',"quality":"good"';
/** By quality and reason, as the batch numbers them. */
const qualityTexts: readonly (readonly string[])[] = qualityNames.map((quality) =>
  Array.from(reasonNames, (reason) => `,"quality":"${quality}"${reason === undefined ? '' : `,"reason":"${reason}"`}`),
);

const NOT_A_NUMBER = ',"quality":"bad","reason":"not-a-number"';

/** A good reading with nothing more to say, as nearly all are. */
function isPlain({ qualities, reasons, sourceTimes }: Columns, index: number, value: string | number): boolean {
  return qualities[index] === 0 && reasons[index] === 0 && sourceTimes === undefined && value !== NO_VALUE;
}

/** Quality, reason and the device's own time. JSON has no NaN: should one have come this far, it is a bad reading. */
function restText(columns: Columns, index: number): string {
  const isNumber = !isFloat(columns.kinds[index] ?? 0) || Number.isFinite(columns.numbers[index]);
  const source = sourceTimeText(columns.sourceTimes?.[index] ?? NaN);
  return isNumber ? `${qualityText(columns, index)}${source}` : `${NOT_A_NUMBER}${source}`;
}

function qualityText({ qualities, reasons }: Columns, index: number): string {
  return qualityTexts[qualities[index] ?? 0]?.[reasons[index] ?? 0] ?? GOOD;
}

function sourceTimeText(wall: number): string {
  return wall >= FIRST_YEAR && wall < YEAR_10_000 ? `,"sourceTime":"${isoTime(wall)}"` : '';
}

// What four digits of a year can say: a device that answers more has no time to give.
const FIRST_YEAR = parseTime('0000-01-01T00:00:00.000Z');
const YEAR_10_000 = parseTime('9999-12-31T23:59:59.999Z') + 1;

/** Readings of one answer carry one time: most texts are made once and used again. */
function rememberingIsoTime(): (wall: number) => string {
  let known = NaN;
  let text = '';
  return (wall) => {
    if (wall !== known) {
      known = wall;
      text = isoTime(wall);
    }
    return text;
  };
}
