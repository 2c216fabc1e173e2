import { reasonNumbers, type Reading } from '../model/reading.ts';
import {
  BATCH_VERSION,
  HAS_REASON,
  HAS_SOURCE_TIME,
  MOST_PLACES,
  POWERS_OF_TEN,
  QUALITY_SHIFT,
  valueKinds,
} from './codec.ts';

/** Gathers readings into columns, one batch after another, without allocating per reading. */
export interface Encoder {
  readonly count: number;
  /** Size of the batch so far, without its few bytes of header. */
  readonly bytes: number;
  /** Received times of the oldest and newest reading, monotonic milliseconds; Infinity and -Infinity while empty. */
  readonly oldest: number;
  readonly newest: number;
  /** Source times of the oldest and newest that came later than their time, wall milliseconds; where there are any. */
  readonly historic: { readonly from: number; readonly to: number } | undefined;
  add(reading: Reading): void;
  /** The batch, in a buffer of its own and exactly of its size. The encoder is empty again. */
  seal(): Uint8Array<ArrayBuffer>;
}

export function createEncoder(): Encoder {
  return new ColumnEncoder();
}

const qualityBits = { good: 0, uncertain: 1 << QUALITY_SHIFT, bad: 2 << QUALITY_SHIFT } as const;

class ColumnEncoder implements Encoder {
  readonly #head = new Column();
  readonly #points = new Column();
  readonly #times = new Column();
  readonly #tags = new Column();
  readonly #reasons = new Column();
  readonly #sourceTimes = new Column();
  readonly #values = new Column();
  readonly #columns = [this.#points, this.#times, this.#tags, this.#reasons, this.#sourceTimes, this.#values];
  #lastPoint = 0;
  #lastTime = 0;
  #lastSourceTime = 0;
  count = 0;
  oldest = Infinity;
  newest = -Infinity;
  historic: { from: number; to: number } | undefined;

  get bytes(): number {
    const lengths = this.#points.length + this.#times.length + this.#tags.length + this.#reasons.length;
    return lengths + this.#sourceTimes.length + this.#values.length;
  }

  add(reading: Reading): void {
    const time = Math.floor(reading.receivedTime);
    this.#points.signed(reading.point - this.#lastPoint);
    this.#times.signed(time - this.#lastTime);
    this.#lastPoint = reading.point;
    this.#lastTime = time;
    if (time < this.oldest) this.oldest = time;
    if (time > this.newest) this.newest = time;
    this.count += 1;

    let tag = qualityBits[reading.quality] | this.#value(reading.value);
    if (reading.reason !== undefined) {
      tag |= HAS_REASON;
      this.#reasons.byte(reasonNumbers[reading.reason]);
    }
    if (reading.sourceTime !== null) {
      tag |= HAS_SOURCE_TIME;
      const sourceTime = Math.floor(reading.sourceTime);
      this.#sourceTimes.signed(sourceTime - this.#lastSourceTime);
      this.#lastSourceTime = sourceTime;
      if (reading.reason === 'historical') this.#noteHistoric(sourceTime);
    }
    this.#tags.byte(tag);
  }

  seal(): Uint8Array<ArrayBuffer> {
    const head = this.#head;
    head.byte(BATCH_VERSION);
    head.unsigned(this.count);
    for (const column of this.#columns) head.unsigned(column.length);
    const body = new Uint8Array(head.length + this.bytes);
    let at = head.moveTo(body, 0);
    for (const column of this.#columns) at = column.moveTo(body, at);
    this.#lastPoint = 0;
    this.#lastTime = 0;
    this.#lastSourceTime = 0;
    this.count = 0;
    this.oldest = Infinity;
    this.newest = -Infinity;
    this.historic = undefined;
    return body;
  }

  #noteHistoric(time: number): void {
    const { from, to } = this.historic ?? { from: time, to: time };
    this.historic = { from: Math.min(from, time), to: Math.max(to, time) };
  }

  /** Appends the value and returns its kind. */
  #value(value: Reading['value']): number {
    if (typeof value === 'number') return this.#number(value);
    if (typeof value === 'boolean') return value ? valueKinds.true : valueKinds.false;
    if (value === null) return valueKinds.none;
    this.#values.text(String(value));
    return typeof value === 'string' ? valueKinds.text : valueKinds.bigint;
  }

  #number(value: number): number {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#values.signed(value);
      return valueKinds.integer;
    }
    if (Math.fround(value) === value) {
      this.#values.float32(value);
      return valueKinds.float32;
    }
    const places = decimalPlaces(value);
    if (places === 0) {
      this.#values.float64(value);
      return valueKinds.float64;
    }
    this.#values.signed(Math.round(value * (POWERS_OF_TEN[places] ?? 1)));
    return valueKinds.decimal + places - 1;
  }
}

// Larger ones would not be shorter than a float64.
const LARGEST_DECIMAL = 2 ** 40;

/** How many decimal places give exactly `value`, which scaled registers do (230.1 is 2301 / 10); 0 when none do. */
function decimalPlaces(value: number): number {
  if (!(Math.abs(value) < LARGEST_DECIMAL)) return 0;
  for (let places = 1; places <= MOST_PLACES; places += 1) {
    const power = POWERS_OF_TEN[places] ?? 1;
    if (Math.round(value * power) / power === value) return places;
  }
  return 0;
}

// The longest entry but a text: eight bytes of a varint or float64.
const LONGEST_ENTRY = 8;

/** Bytes that grow, and are kept from batch to batch. */
class Column {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  unsigned(value: number): void {
    this.#reserve(LONGEST_ENTRY);
    this.#unsigned(value);
  }

  signed(value: number): void {
    this.#reserve(LONGEST_ENTRY);
    const sign = value < 0 ? 0x40 : 0;
    const magnitude = Math.abs(value);
    if (magnitude < 0x40) {
      this.#bytes[this.length++] = sign | magnitude;
    } else {
      this.#bytes[this.length++] = 0x80 | sign | (magnitude & 0x3f);
      this.#unsigned(Math.floor(magnitude / 0x40));
    }
  }

  float32(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#reserve(LONGEST_ENTRY + length);
    this.#unsigned(length);
    Buffer.from(this.#bytes.buffer, this.length, length).write(value);
    this.length += length;
  }

  /** Copies the bytes into `target` at `at`, returns where they end, and is empty again. */
  moveTo(target: Uint8Array, at: number): number {
    target.set(this.#bytes.subarray(0, this.length), at);
    const end = at + this.length;
    this.length = 0;
    return end;
  }

  #unsigned(value: number): void {
    let rest = value;
    // Bit operations see the low 32 bits only: they serve for the digits, not for the quotient.
    while (rest >= 0x80) {
      this.#bytes[this.length++] = 0x80 | (rest & 0x7f);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
