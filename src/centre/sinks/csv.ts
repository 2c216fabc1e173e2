import { isoTime } from '../../model/clock.ts';
import { csvRecord } from '../../model/csv.ts';
import type { Identity, ReceivedReading } from '../message.ts';
import type { Sink } from '../sink.ts';
import { openLines } from './lines.ts';

const HEADER = 'gateway,epoch,seq,time,point,value,quality,reason,source_time,unit,clock\r\n';

/**
 * RFC 4180: a header, then a record a reading. Gap records and corrections of the clock are no readings, and what is
 * written stays: `clock` says which times were not for sure when they were, and may have been corrected since.
 */
export function openCsv(file: string): Sink {
  const lines = openLines(file, HEADER);
  if (lines.empty) lines.append(HEADER);
  return {
    accounts: [],
    write: (entry) => {
      if (entry.kind === 'data') lines.append(entry.fresh.map((reading) => record(entry.message, reading)).join(''));
    },
    close: () => lines.close(),
  };
}

function record({ gateway, epoch }: Identity, reading: ReceivedReading): string {
  const { seq, point, value, quality, reason, sourceTime, unit, clock = null } = reading;
  const source = sourceTime === null ? null : isoTime(sourceTime);
  return `${csvRecord([gateway, epoch, seq, isoTime(reading.time), point, value, quality, reason, source, unit, clock])}\r\n`;
}
