import { parseTime } from '../model/clock.ts';
import type { Quality } from '../model/reading.ts';
import { rejection, type DataMessage, type ReceivedReading, type Rejection } from './message.ts';

/** The readings of a data message, checked by hand: they are many, and this takes a tenth of a schema's time. */
export function parseReadings(
  items: readonly unknown[],
  { covers: { after, upto }, clock }: Pick<DataMessage, 'covers' | 'clock'>,
): ReceivedReading[] | Rejection {
  const doubt = clock === 'synchronised' ? {} : { clock };
  const wall = rememberingWallTime();
  const readings: ReceivedReading[] = [];
  let last = after;
  for (const item of items) {
    const reading = parseReading(item, wall);
    if (typeof reading === 'string') return rejection('malformed', `readings.${readings.length}: ${reading}`);
    const { seq } = reading;
    if (seq <= after || seq > upto) {
      return rejection('outside-coverage', `reading ${seq} lies outside of covers [${after}, ${upto}]`);
    }
    if (seq <= last) return rejection('out-of-order', `reading ${seq} comes after ${last}`);
    last = seq;
    readings.push({ ...reading, ...doubt });
  }
  return readings;
}

type Wall = (text: unknown) => number;

/** The reading, or what is wrong with it. */
function parseReading(item: unknown, wall: Wall): ReceivedReading | string {
  if (!isRecord(item)) return 'is no object';
  const { seq, point } = item;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) return 'seq must be an integer';
  if (!isText(point, 256) || point === '') return 'point must be 1 to 256 characters';
  const time = wall(item.time);
  if (Number.isNaN(time)) return 'time must be a UTC time such as 2026-11-22T09:15:00.000Z';
  const sourceTime = item.sourceTime === undefined ? null : wall(item.sourceTime);
  if (Number.isNaN(sourceTime)) return 'sourceTime must be a UTC time';
  const content = parseContent(item);
  return typeof content === 'string' ? content : { seq, point, time, sourceTime, ...content };
}

type Content = Pick<ReceivedReading, 'value' | 'quality' | 'reason' | 'unit'>;

function parseContent({ value, quality, reason = null, unit = null }: RawReading): Content | string {
  if (!isValue(value)) return 'value must be a finite number, a string, a boolean or null';
  if (!isQuality(quality)) return 'quality must be good, uncertain or bad';
  if (!isTextOrNull(reason, 64)) return 'reason must be a word';
  if ((value === null) !== (quality === 'bad')) return 'value must be null where the quality is bad, and only there';
  if (quality === 'bad' && reason === null) return 'reason must be there where the quality is bad';
  if (!isTextOrNull(unit, 64)) return 'unit must be a UCUM unit';
  return { value, quality, reason, unit };
}

type RawReading = { readonly [Key in keyof ReceivedReading]?: unknown };

function isRecord(item: unknown): item is RawReading {
  return typeof item === 'object' && item !== null;
}

function isText(item: unknown, longest: number): item is string {
  return typeof item === 'string' && item.length <= longest;
}

function isTextOrNull(item: unknown, longest: number): item is string | null {
  return item === null || isText(item, longest);
}

function isQuality(item: unknown): item is Quality {
  return item === 'good' || item === 'uncertain' || item === 'bad';
}

function isValue(item: unknown): item is ReceivedReading['value'] {
  // 1e999 is valid JSON and becomes Infinity.
  if (typeof item === 'number') return Number.isFinite(item);
  return typeof item === 'string' || typeof item === 'boolean' || item === null;
}

/** Milliseconds of `2026-11-22T09:15:00.000Z`, the one form that gateways write; NaN for anything else. */
export function wallTime(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? parseTime(text) : Number.NaN;
}

/** Points polled together carry the same time: most are parsed once and remembered. */
function rememberingWallTime(): Wall {
  let known = '';
  let wall = Number.NaN;
  return (text) => {
    if (text === known) return wall;
    if (typeof text !== 'string') return Number.NaN;
    known = text;
    wall = wallTime(text);
    return wall;
  };
}
