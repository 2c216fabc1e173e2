import { qualityNames, reasonNames, valueKinds, type Columns } from '../../journal/codec.ts';
import type { PointDefinition } from '../../model/point.ts';
import type { PointNumber, Quality, Reason } from '../../model/reading.ts';
import type { Message } from '../destination.ts';
import type { DataEncoder, Envelope, KnownPoint, MessageLimits, PointLookup, ReadableBatch } from '../format.ts';
import { isFloat, NO_VALUE, valueText } from './json-text.ts';

// What formats made of text have in common: each reading becomes a piece of text when it is added, so that the size of the
// message is known at any time; the pieces are put together when it is finished.

/** A reading as text formats see it. */
export type SaidReading = {
  readonly sequence: number;
  readonly definition: PointDefinition;
  /** UCUM, as of this reading. */
  readonly unit: string | undefined;
  /** Wall milliseconds. */
  readonly wall: number;
  readonly sourceTime: number | undefined;
  /** JSON in ASCII; undefined where there is no value. Integers beyond 2^53 are digits in quotes. */
  readonly value: string | undefined;
  /** Whether `value` is text, or a number too large for a double. */
  readonly kind: 'number' | 'large' | 'boolean' | 'text' | 'none';
  readonly quality: Quality;
  readonly reason: Reason | undefined;
  /** The quality must be said: it is not good, or the one before was not. */
  readonly isNews: boolean;
};

/** A reading's part of a message, in ASCII. */
export type Piece = { readonly reading: SaidReading; readonly text: string };

export type PieceFormat = {
  /** The text of one reading. */
  piece(reading: SaidReading): string;
  /** Bytes that the message adds around one piece, at most. */
  readonly around: number;
  /** The messages that hold these pieces, which keep their order. */
  messages(pieces: readonly Piece[], envelope: Envelope): readonly Message[];
};

export class PieceEncoder implements DataEncoder {
  readonly #format: PieceFormat;
  readonly #lookup: PointLookup;
  /** By point number; null where it is not for this destination. */
  readonly #points: ({ readonly known: KnownPoint; isGood: boolean } | null | undefined)[] = [];
  #pieces: Piece[] = [];
  #size = 0;

  constructor(format: PieceFormat, lookup: PointLookup) {
    this.#format = format;
    this.#lookup = lookup;
  }

  get count(): number {
    return this.#pieces.length;
  }

  get newest(): DataEncoder['newest'] {
    const reading = this.#pieces.at(-1)?.reading;
    if (reading === undefined) return undefined;
    return { sequence: reading.sequence, wall: reading.wall, point: reading.definition.id };
  }

  add(batch: ReadableBatch, from: number, to: number, limits: MessageLimits): number {
    let index = from;
    for (; index < to; index += 1) {
      const point = this.#point(batch.columns.points[index] ?? 0);
      if (point === null) continue;
      if (this.count >= limits.readings) break;
      const reading = readingOf(batch, index, point);
      const text = this.#format.piece(reading);
      const size = text.length + this.#format.around;
      if (this.count > 0 && this.#size + size > limits.bytes) break;
      point.isGood = reading.quality === 'good';
      this.#pieces.push({ reading, text });
      this.#size += size;
    }
    return index;
  }

  finish(envelope: Envelope): readonly Message[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    return pieces.length === 0 ? [] : this.#format.messages(pieces, envelope);
  }

  #point(number: PointNumber) {
    const seen = this.#points[number];
    if (seen !== undefined) return seen;
    const known = this.#lookup(number);
    const point = known === null ? null : { known, isGood: true };
    this.#points[number] = point;
    return point;
  }
}

function readingOf(
  batch: ReadableBatch,
  index: number,
  { known, isGood }: { readonly known: KnownPoint; readonly isGood: boolean },
): SaidReading {
  const { columns, first, offset } = batch;
  const { definition, formerUnit } = known;
  const text = String(valueText(columns, index));
  const { quality, reason } = judged(columns, index, text);
  const sourceTime = columns.sourceTimes?.[index] ?? NaN;
  return {
    sequence: first + index,
    definition,
    unit: formerUnit === undefined ? definition.unit : formerUnit || undefined,
    wall: Math.floor((columns.times[index] ?? 0) + offset),
    sourceTime: Number.isNaN(sourceTime) ? undefined : sourceTime,
    ...(text === NO_VALUE ? { value: undefined, kind: 'none' } : { value: text, kind: kindOf(columns, index) }),
    quality,
    reason,
    isNews: quality !== 'good' || !isGood,
  };
}

/** No text format has NaN: should one have come this far, it is a bad reading. */
function judged(columns: Columns, index: number, text: string): Pick<SaidReading, 'quality' | 'reason'> {
  if (text === NO_VALUE && columns.kinds[index] !== valueKinds.none) return { quality: 'bad', reason: 'not-a-number' };
  return {
    quality: qualityNames[columns.qualities[index] ?? 0] ?? 'bad',
    reason: reasonNames[columns.reasons[index] ?? 0],
  };
}

function kindOf({ kinds }: Columns, index: number): SaidReading['kind'] {
  const kind = kinds[index] ?? 0;
  if (kind === valueKinds.text) return 'text';
  if (kind === valueKinds.bigint) return 'large';
  if (kind === valueKinds.true || kind === valueKinds.false) return 'boolean';
  return isFloat(kind) || kind === valueKinds.integer || kind >= valueKinds.decimal ? 'number' : 'none';
}

/** `bad no-answer`. */
export function qualityText({ quality, reason }: SaidReading): string {
  return reason === undefined ? quality : `${quality} ${reason}`;
}

/** The pieces of each device, devices in the order of their first piece. */
export function byDevice(pieces: readonly Piece[]): ReadonlyMap<string, readonly Piece[]> {
  return Map.groupBy(pieces, ({ reading }) => reading.definition.device);
}

/** Neighbours of one device that were read at one time, no point twice: what formats with a record a time put into one. */
export function frames(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const all: Piece[][] = [];
  let names = new Set<string>();
  for (const piece of pieces) {
    const { definition, wall } = piece.reading;
    const frame = all.at(-1);
    if (frame?.[0]?.reading.wall === wall && !names.has(definition.name)) frame.push(piece);
    else {
      names = new Set();
      all.push([piece]);
    }
    names.add(definition.name);
  }
  return all;
}
