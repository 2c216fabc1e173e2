import { qualityNames, reasonNames, valueKinds, type Columns } from '../../src/journal/codec.ts';
import { createDecoder } from '../../src/journal/decode.ts';
import type { Reading } from '../../src/model/reading.ts';

/** The readings of a batch, as they were given to the encoder. */
export function decodedReadings(body: Uint8Array): Reading[] {
  const columns = createDecoder()(body);
  return Array.from({ length: columns.count }, (_, index) => readingAt(columns, index));
}

function readingAt(columns: Columns, index: number): Reading {
  const sourceTime = columns.sourceTimes?.[index];
  const reason = reasonNames[columns.reasons[index] as number];
  return {
    point: columns.points[index] as number,
    sourceTime: sourceTime === undefined || Number.isNaN(sourceTime) ? null : sourceTime,
    receivedTime: columns.times[index] as number,
    quality: qualityNames[columns.qualities[index] as number],
    value: valueAt(columns, index),
    ...(reason === undefined ? {} : { reason }),
  } as Reading;
}

function valueAt(columns: Columns, index: number): unknown {
  const kind = columns.kinds[index];
  if (kind === valueKinds.none) return null;
  if (kind === valueKinds.false || kind === valueKinds.true) return kind === valueKinds.true;
  return kind === valueKinds.bigint || kind === valueKinds.text ? columns.others[index] : columns.numbers[index];
}
