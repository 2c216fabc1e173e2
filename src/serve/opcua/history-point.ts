import { FARTHEST, type HistoryRequest, type Place } from './history-slices.ts';

// A HistoryRead that goes on: its continuation point has all that is needed of it, so that the server need not remember any.

const VERSION = 2;
const LENGTH = 38; // bytes

/** The continuation point of a request. */
export function encodeContinuation({ newestFirst, after, until, most, width }: HistoryRequest): Buffer {
  const point = Buffer.alloc(LENGTH);
  point.writeUInt8(VERSION, 0);
  point.writeUInt8(Number(newestFirst), 1);
  point.writeUInt32LE(most, 2);
  for (const [index, number] of [until, after.time, after.sequence, width].entries()) {
    point.writeDoubleLE(number, 6 + 8 * index);
  }
  return point;
}

/** The request that a continuation point stands for; undefined where it is none of ours. */
export function decodeContinuation(point: Buffer): HistoryRequest | undefined {
  if (point.length !== LENGTH || point.readUInt8(0) !== VERSION || point.readUInt8(1) > 1) return undefined;
  const most = point.readUInt32LE(2);
  const number = (index: number): number => point.readDoubleLE(6 + 8 * index);
  const [until, time, sequence, width] = [number(0), number(1), number(2), number(3)] as const;
  if (most === 0 || Number.isNaN(until) || !isWithin({ time, sequence }, width)) return undefined;
  return { newestFirst: point.readUInt8(1) === 1, after: { time, sequence }, until, most, width };
}

function isWithin({ time, sequence }: Place, width: number): boolean {
  return Math.abs(time) <= FARTHEST && !Number.isNaN(sequence) && width > 0 && width <= FARTHEST;
}
