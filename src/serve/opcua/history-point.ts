import type { HistoryQuery } from '../../journal/journal.ts';

/** A HistoryRead that goes on: all that is needed of it, so that the server need not remember any. */
export type HistoryRequest = Pick<HistoryQuery, 'from' | 'to' | 'newestFirst'> & {
  /** Values that one answer may hold. */
  readonly most: number;
  readonly at?: number;
};

const VERSION = 1;
const LENGTH = 30; // bytes

/** The continuation point of a request that is to go on at `at`. */
export function encodeContinuation({ from, to, newestFirst, most }: HistoryRequest, at: number): Buffer {
  const point = Buffer.alloc(LENGTH);
  point.writeUInt8(VERSION, 0);
  point.writeUInt8(Number(newestFirst), 1);
  point.writeUInt32LE(most, 2);
  point.writeDoubleLE(from, 6);
  point.writeDoubleLE(to, 14);
  point.writeDoubleLE(at, 22);
  return point;
}

/** The request that a continuation point stands for; undefined where it is none of ours. */
export function decodeContinuation(point: Buffer): Required<HistoryRequest> | undefined {
  if (point.length !== LENGTH || point.readUInt8(0) !== VERSION || point.readUInt8(1) > 1) return undefined;
  const request = {
    newestFirst: point.readUInt8(1) === 1,
    most: point.readUInt32LE(2),
    from: point.readDoubleLE(6),
    to: point.readDoubleLE(14),
    at: point.readDoubleLE(22),
  };
  const { most, from, to, at } = request;
  const isRight = most > 0 && !Number.isNaN(from) && !Number.isNaN(to) && Number.isSafeInteger(at) && at >= 0;
  return isRight ? request : undefined;
}
