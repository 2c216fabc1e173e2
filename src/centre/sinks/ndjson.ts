import { isoTime } from '../../model/clock.ts';
import type { Correction, Gap, Identity, ReceivedReading } from '../message.ts';
import type { Keepable, Sink } from '../sink.ts';
import { openLines } from './lines.ts';

/**
 * One JSON object a line: a reading, or what has `covers` instead of `seq`: a gap record, or a correction of the times of
 * readings that stand before it and have a `clock` worse than its own (`shift`).
 */
export function openNdjson(file: string): Sink {
  const lines = openLines(file, '{"gateway":"');
  return {
    accounts: [],
    write: (entry) => lines.append(linesOf(entry)),
    close: () => lines.close(),
  };
}

function linesOf(entry: Keepable): string {
  if (entry.kind === 'gap') return gapLine(entry.message, entry.message);
  if (entry.kind === 'correction') return correctionLine(entry.message, entry.message);
  return entry.fresh.map((reading) => readingLine(entry.message, reading)).join('');
}

function readingLine({ gateway, epoch }: Identity, reading: ReceivedReading): string {
  const { seq, point, value, quality, sourceTime, reason, unit, clock } = reading;
  const optional = {
    ...(sourceTime === null ? {} : { sourceTime: isoTime(sourceTime) }),
    ...(reason === null ? {} : { reason }),
    ...(unit === null ? {} : { unit }),
    ...(clock === undefined ? {} : { clock }),
  };
  const time = isoTime(reading.time);
  return `${JSON.stringify({ gateway, epoch, seq, point, time, value, quality, ...optional })}\n`;
}

function gapLine({ gateway, epoch }: Identity, { covers: { after, upto }, count, from, to, reason }: Gap): string {
  const span = { from: from === null ? null : isoTime(from), to: to === null ? null : isoTime(to) };
  return `${JSON.stringify({ gateway, epoch, covers: [after, upto], count, ...span, reason })}\n`;
}

function correctionLine({ gateway, epoch }: Identity, { number, covers, shift, clock }: Correction): string {
  return `${JSON.stringify({ gateway, epoch, covers: [covers.after, covers.upto], correction: number, shift, clock })}\n`;
}
