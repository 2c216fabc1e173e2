import {
  BATCH_VERSION,
  corrupt,
  HAS_REASON,
  HAS_SOURCE_TIME,
  KIND_MASK,
  MOST_PLACES,
  MOST_READINGS,
  POWERS_OF_TEN,
  QUALITY_MASK,
  QUALITY_SHIFT,
  qualityNames,
  valueKinds,
  type Columns,
} from './codec.ts';

/**
 * Makes a decoder: batch bytes to columns, which it reuses at its next call.
 * Bytes that are no batch throw `journal-corrupt`, whatever they are, and never allocate more than they could hold.
 */
export function createDecoder(): (body: Uint8Array) => Columns {
  const decoder = new ColumnDecoder();
  return (body) => decoder.decode(body);
}

const COLUMNS = 6;

// A point, a time and a tag, one byte each at least.
const SHORTEST_READING = 3;

class ColumnDecoder implements Columns {
  #capacity = 0;
  #sources = new Float64Array(0);
  readonly #input = new Input();
  count = 0;
  points = new Uint32Array(0);
  times = new Float64Array(0);
  sourceTimes: Float64Array | undefined;
  qualities = new Uint8Array(0);
  reasons = new Uint8Array(0);
  kinds = new Uint8Array(0);
  numbers = new Float64Array(0);
  others: (bigint | string | undefined)[] = [];

  decode(body: Uint8Array): Columns {
    const input = this.#input;
    input.take(body);
    const version = input.byte();
    if (version !== BATCH_VERSION) throw corrupt(`its version is ${version}, known is ${BATCH_VERSION}`);
    const count = input.unsigned();
    if (count > MOST_READINGS || count * SHORTEST_READING > body.length) {
      throw corrupt(`${body.length} bytes cannot hold ${count} readings`);
    }
    this.#reserve(count);
    this.count = count;
    input.columns(COLUMNS);
    input.column(() => this.#decodePoints());
    input.column(() => this.#decodeTimes());
    const tags = input.column(() => input.bytes(count));
    input.column(() => this.#decodeReasons(tags));
    input.column(() => this.#decodeSourceTimes(tags));
    input.column(() => this.#decodeValues(tags));
    return this;
  }

  #reserve(count: number): void {
    if (count <= this.#capacity) return;
    const capacity = Math.min(MOST_READINGS, Math.max(count, 2 * this.#capacity));
    this.#capacity = capacity;
    this.points = new Uint32Array(capacity);
    this.times = new Float64Array(capacity);
    this.#sources = new Float64Array(capacity);
    this.qualities = new Uint8Array(capacity);
    this.reasons = new Uint8Array(capacity);
    this.kinds = new Uint8Array(capacity);
    this.numbers = new Float64Array(capacity);
    this.others = Array.from({ length: capacity });
  }

  #decodePoints(): void {
    const { points, count } = this;
    let point = 0;
    for (let index = 0; index < count; index += 1) {
      point += this.#input.signed();
      if (point >>> 0 !== point) throw corrupt(`${point} is no point number`);
      points[index] = point;
    }
  }

  #decodeTimes(): void {
    const { times, count } = this;
    let time = 0;
    for (let index = 0; index < count; index += 1) {
      time += this.#input.signed();
      times[index] = time;
    }
  }

  #decodeReasons(tags: Uint8Array): void {
    const { reasons, qualities, count } = this;
    for (let index = 0; index < count; index += 1) {
      const tag = tags[index] ?? 0;
      const quality = (tag >> QUALITY_SHIFT) & QUALITY_MASK;
      if (quality >= qualityNames.length) throw corrupt(`${quality} is no quality`);
      qualities[index] = quality;
      reasons[index] = (tag & HAS_REASON) === 0 ? 0 : this.#input.byte();
    }
  }

  #decodeSourceTimes(tags: Uint8Array): void {
    this.sourceTimes = undefined;
    if (this.#input.columnIsEmpty) return;
    const sourceTimes = this.#sources;
    let time = 0;
    for (let index = 0; index < this.count; index += 1) {
      if (((tags[index] ?? 0) & HAS_SOURCE_TIME) === 0) sourceTimes[index] = NaN;
      else sourceTimes[index] = time += this.#input.signed();
    }
    this.sourceTimes = sourceTimes;
  }

  #decodeValues(tags: Uint8Array): void {
    const { kinds, numbers, count } = this;
    const input = this.#input;
    for (let index = 0; index < count; index += 1) {
      const kind = (tags[index] ?? 0) & KIND_MASK;
      kinds[index] = kind;
      if (kind === valueKinds.integer) numbers[index] = input.signed();
      else if (kind === valueKinds.float32) numbers[index] = input.float32();
      else if (kind === valueKinds.float64) numbers[index] = input.float64();
      else if (kind >= valueKinds.decimal) numbers[index] = input.signed() / divisor(kind);
      else if (kind === valueKinds.text) this.others[index] = input.text();
      else if (kind === valueKinds.bigint) this.others[index] = integer(input.text());
    }
  }
}

function divisor(kind: number): number {
  const places = kind - valueKinds.decimal + 1;
  if (places > MOST_PLACES) throw corrupt(`${kind} is no kind of value`);
  return POWERS_OF_TEN[places] ?? 1;
}

function integer(digits: string): bigint {
  if (!/^-?\d+$/.test(digits)) throw corrupt('an integer is not made of digits');
  return BigInt(digits);
}

// Eight groups of seven bits hold any safe integer.
const LARGEST_FACTOR = 2 ** 49;

/** Reads a batch from its beginning, and never behind the end of the column that it is in. */
class Input {
  #body: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #lengths: number[] = [];

  take(body: Uint8Array): void {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#at = 0;
    this.#end = body.length;
  }

  /** Takes the lengths of `count` columns, which fill all that is behind them. */
  columns(count: number): void {
    this.#lengths = Array.from({ length: count }, () => this.unsigned());
    const length = this.#lengths.reduce((sum, one) => sum + one, 0);
    if (this.#at + length !== this.#end) throw corrupt('its columns do not fill it');
    this.#end = this.#at;
  }

  /** Runs `decode` over the next column, which it must read to its last byte and no further. */
  column<T>(decode: () => T): T {
    this.#end += this.#lengths.shift() ?? 0;
    const decoded = decode();
    if (this.#at !== this.#end) throw corrupt('its readings do not fill a column');
    return decoded;
  }

  get columnIsEmpty(): boolean {
    return this.#at === this.#end;
  }

  bytes(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#body.subarray(start, start + length);
  }

  byte(): number {
    return this.#at < this.#end ? (this.#body[this.#at++] ?? 0) : this.#overrun();
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1; factor <= LARGEST_FACTOR; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw corrupt('an integer has too many bytes');
  }

  signed(): number {
    const byte = this.byte();
    let magnitude = byte & 0x3f;
    if (byte >= 0x80) magnitude += 0x40 * this.unsigned();
    return (byte & 0x40) === 0 ? magnitude : -magnitude;
  }

  float32(): number {
    return this.#body.readFloatLE(this.#skip(4));
  }

  float64(): number {
    return this.#body.readDoubleLE(this.#skip(8));
  }

  text(): string {
    const length = this.unsigned();
    const start = this.#skip(length);
    return this.#body.toString('utf8', start, start + length);
  }

  #skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) return this.#overrun();
    this.#at += length;
    return start;
  }

  #overrun(): never {
    throw corrupt('a column ends in the middle of an entry');
  }
}
