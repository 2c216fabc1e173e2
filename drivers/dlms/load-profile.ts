import type { TimeSpan } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { formatObis, obisOfBytes } from '../../src/model/obis.ts';
import type { MeterContent } from '../meter/value.ts';
import { doubtOf, type Doubt } from '../meter/profile-status.ts';
import { instantOf, localZone } from '../meter/time.ts';
import type { Attribute, Place } from './apdu.ts';
import type { AskedMeter, Point } from './asked-meter.ts';
import { contentOf, type Scale } from './content.ts';
import {
  encodeCosemTime,
  instantOfCosem,
  parseCosemTime,
  type Clock,
  type CosemTime,
  type TimeStyle,
} from './cosem-time.ts';
import { isNumber, type Data } from './data.ts';
import { scalerUnitOf } from './lists.ts';
import { nameBytes } from './logical-name.ts';
import { isScaled, scalerPlace, VALUE } from './objects.ts';
import { malformed } from './reader.ts';
import { explainResult } from './results.ts';
import type { DeviceSettings } from './schema.ts';

// IEC 62056-62, 4.3.6: profile generic.
const PROFILE = 7;
const attributes = { buffer: 2, captured: 3, period: 4 } as const;
const BY_RANGE = 1;

// IEC 62056-61: profile status, by number of the profile.
const LOWEST_BITS = 0xffn;
const DATA = 1;
const STATUS = /^\d+-\d+:96\.10\.\d+/;

const CLOCK: Place = { classId: 8, name: '0-0:1.0.0', index: VALUE };

// Rows that are asked for at once: some twenty kilobytes.
const ROWS_OF_A_PORTION = 500;
const DAY = 86_400_000; // milliseconds

// A meter keeps the time of its zone: where the offset changes within the span, its ends are an hour off.
const MARGIN = 2 * 3_600_000;

/** A value of a point, and when the meter captured it: milliseconds since 1970 UTC. */
export type Captured = {
  readonly point: Point;
  readonly content: MeterContent;
  readonly time: number;
  /** What the status of its row takes from it. */
  readonly doubt: Doubt | undefined;
};

type Column = { readonly point: Point; readonly index: number; readonly scale: Scale | undefined };

/** What the rows of a load profile are. */
type Shape = {
  readonly columns: readonly Column[];
  readonly clockIndex: number;
  /** Of the column with the status of the row; -1 where there is none. */
  readonly statusIndex: number;
  readonly width: number;
  /** Milliseconds; 0 where rows are captured at no fixed interval. */
  readonly period: number;
  readonly style: TimeStyle;
};

/** The load profile that a meter keeps, for points that are among what it captures. */
export class LoadProfile {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #meter: AskedMeter;
  readonly #id: string;

  constructor(id: string, settings: DeviceSettings, meter: AskedMeter) {
    this.#id = id;
    this.#name = settings.loadProfile;
    this.#clock = { reading: settings.clock, zone: settings.zone ?? localZone() };
    this.#meter = meter;
  }

  /** What was captured within a span, oldest first, in bounded portions. Rejects with `device-refused` where nothing is kept. */
  async *read(points: readonly Point[], span: TimeSpan, signal: AbortSignal): AsyncGenerator<readonly Captured[]> {
    const shape = await this.#shape(points, signal);
    if (shape.columns.length === 0) return;
    const stretch = shape.period === 0 ? DAY : shape.period * ROWS_OF_A_PORTION;
    for (let from = span.from; from < span.to; from += stretch) {
      const to = Math.min(from + stretch, span.to);
      const rows = await this.#rows(shape, { from, to }, signal);
      // The end of a portion belongs to it; neither end of the whole does.
      const within = rows.filter(({ time }) => time > from && (time < to || (time === to && to < span.to)));
      yield within.toSorted((one, other) => one.time - other.time);
    }
  }

  async #shape(points: readonly Point[], signal: AbortSignal): Promise<Shape> {
    const captured = itemsOf(await this.#get(attributes.captured, signal)).map(placeOf);
    const clockIndex = captured.findIndex(({ classId, index }) => classId === CLOCK.classId && index === VALUE);
    if (clockIndex < 0) throw this.#refused('has no column for the time');
    const period = await this.#get(attributes.period, signal);
    const columns: Column[] = [];
    for (const point of points) {
      const column = await this.#column(point, captured, signal);
      if (column !== undefined) columns.push(column);
    }
    return {
      columns,
      clockIndex,
      statusIndex: captured.findIndex(({ classId, name }) => classId === DATA && STATUS.test(name)),
      width: captured.length,
      period: isNumber(period) ? Number(period.value) * 1_000 : 0,
      style: await this.#style(signal),
    };
  }

  async #column(point: Point, captured: readonly Place[], signal: AbortSignal): Promise<Column | undefined> {
    const { obis, object, attribute = VALUE } = point.address;
    const index = captured.findIndex(
      (place) => place.name === obis && place.index === attribute && (object ?? place.classId) === place.classId,
    );
    const place = captured[index];
    if (place === undefined) return undefined;
    const at = isScaled(place) ? scalerPlace(place.name, place.classId) : undefined;
    if (at === undefined) return { point, index, scale: undefined };
    const result = await this.#meter.use((client) => client.get(at, signal), signal);
    const scale = 'data' in result ? scalerUnitOf(result.data) : undefined;
    // A number without its scaler may be wrong by any power of ten.
    return scale === undefined ? undefined : { point, index, scale };
  }

  /** How the meter writes times, by the one that it shows now. */
  async #style(signal: AbortSignal): Promise<TimeStyle> {
    const result = await this.#meter.use((client) => client.get(CLOCK, signal), signal);
    const time = 'data' in result && 'bytes' in result.data ? parseCosemTime(result.data.bytes) : undefined;
    const instant = time === undefined ? undefined : instantOfCosem(time, this.#clock);
    const shown = time === undefined ? undefined : shownAsUtc(time);
    if (instant === undefined || shown === undefined) throw this.#refused('has a clock that is not set');
    return { offset: shown - instant, deviation: time?.deviation };
  }

  async #rows(shape: Shape, { from, to }: TimeSpan, signal: AbortSignal): Promise<readonly Captured[]> {
    const time = (instant: number): Data => ({ type: 'octets', bytes: encodeCosemTime(instant, shape.style) });
    const parameters = structure(captureObject(CLOCK), time(from - MARGIN), time(to + MARGIN), {
      type: 'array',
      items: [],
    });
    const buffer = await this.#get(attributes.buffer, signal, { selector: BY_RANGE, parameters });
    const captured: Captured[] = [];
    let before: number | undefined;
    for (const row of itemsOf(buffer)) {
      const cells = itemsOf(row);
      if (cells.length !== shape.width) throw malformed(`a row of ${cells.length} columns instead of ${shape.width}`);
      before = this.#timeOf(cells[shape.clockIndex], before, shape.period);
      if (before === undefined) continue;
      const doubt = doubtIn(cells[shape.statusIndex]);
      for (const { point, index, scale } of shape.columns) {
        const cell = cells[index];
        const content = cell === undefined ? undefined : contentOf(cell, scale);
        // What is left out may be unchanged or missing: meters differ.
        if (content !== undefined && content.kind !== 'none') captured.push({ point, content, time: before, doubt });
      }
    }
    return captured;
  }

  /** 4.3.6.2: a time that is left out is one period after the one before. */
  #timeOf(cell: Data | undefined, before: number | undefined, period: number): number | undefined {
    if (cell?.type === 'null') return before === undefined || period === 0 ? undefined : before + period;
    const time = cell !== undefined && 'bytes' in cell ? parseCosemTime(cell.bytes) : undefined;
    return time === undefined ? undefined : instantOfCosem(time, this.#clock);
  }

  async #get(index: number, signal: AbortSignal, selection?: Attribute['selection']): Promise<Data> {
    const attribute = { classId: PROFILE, name: this.#name, index, ...(selection !== undefined && { selection }) };
    const result = await this.#meter.use((client) => client.get(attribute, signal), signal);
    if ('data' in result) return result.data;
    throw this.#refused(`cannot be read: ${explainResult(result.refusal)}`);
  }

  #refused(why: string): GatewayError {
    return new GatewayError('device-refused', `${this.#id}: the load profile ${this.#name} ${why}`);
  }
}

/** A status that is left out is that of nothing wrong. */
function doubtIn(cell: Data | undefined): Doubt | undefined {
  if (!isNumber(cell)) return undefined;
  const status = typeof cell.value === 'bigint' ? Number(cell.value & LOWEST_BITS) : cell.value;
  return Number.isInteger(status) ? doubtOf(status) : undefined;
}

function itemsOf(data: Data): readonly Data[] {
  if ('items' in data) return data.items;
  throw malformed(`a ${data.type} instead of an array`);
}

/** IEC 62056-62, capture_object_definition. */
function placeOf(data: Data): Place {
  const [classId, name, index] = itemsOf(data);
  const obis = name?.type === 'octets' ? obisOfBytes(name.bytes) : undefined;
  if (!isNumber(classId) || obis === undefined || !isNumber(index)) throw malformed('a capture object that is none');
  return { classId: Number(classId.value), name: formatObis(obis), index: Number(index.value) };
}

/** The same, for who writes one. */
export function captureObject({ classId, name, index }: Place): Data {
  return structure(
    { type: 'uint16', value: classId },
    { type: 'octets', bytes: nameBytes(name) },
    { type: 'int8', value: index },
    { type: 'uint16', value: 0 },
  );
}

function structure(...items: readonly Data[]): Data {
  return { type: 'structure', items };
}

function shownAsUtc({ shown }: CosemTime): number | undefined {
  return instantOf({ ...shown, summer: undefined }, 'UTC');
}
