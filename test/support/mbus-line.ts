import { join } from 'node:path';
import { encodeFrame, Framer, type Frame } from '../../drivers/mbus/frame.ts';
import { timeLine } from '../../drivers/mbus/line-time.ts';
import { overlap } from '../../drivers/mbus/overlap.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Talking } from './played-mbus.ts';
import { PtyEnd } from './pty-end.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What becomes of an answer on its way, the `count`th of all; undefined: it is lost. */
export type Spoiling = (answer: Buffer, count: number) => Buffer | undefined;

export type MbusLine = AsyncDisposable & {
  /** The serial port of the master. */
  readonly path: string;
  readonly asked: readonly Frame[];
  spoiling: Spoiling;
  /** With a baud, bytes take their time: see `playMbusLine`. */
  baud: number | undefined;
  /** What the line has carried so far, in milliseconds. */
  readonly account: {
    /** Of bytes, and of meters that thought about their answer. */
    busy: number;
    /** Of silence between an answer and the next request, one entry each. */
    readonly idle: readonly number[];
  };
};

/**
 * Meters behind a pty. With a baud, an answer comes when its last byte would, and that of the request before it, and what
 * the meter takes to begin.
 */
export async function playMbusLine(stations: readonly Talking[]): Promise<MbusLine> {
  const folder = await temporaryFolder();
  const end = await PtyEnd.open(join(folder.path, 'pty'));
  const framer = new Framer();
  const asked: Frame[] = [];
  const idle: number[] = [];
  const account = { busy: 0, idle };
  let freeAt: number | undefined;
  let count = 0;
  const say = (request: Buffer, answer: Buffer | undefined): void => {
    const time = line.baud === undefined ? undefined : timeLine(line.baud);
    if (time === undefined) {
      if (answer !== undefined) end.send(answer);
      return;
    }
    const now = systemClock.monotonic();
    if (freeAt !== undefined) idle.push(Math.max(0, now - freeAt));
    const takes = time.bytes(request.length + (answer?.length ?? 0)) + (answer === undefined ? 0 : time.usualResponse);
    account.busy += takes;
    freeAt = now + takes;
    if (answer !== undefined) systemClock.after(takes, () => end.send(answer));
  };
  end.listen((bytes) => {
    for (const piece of framer.push(bytes)) {
      if (piece.kind !== 'frame') continue;
      asked.push(piece.frame);
      const answers = stations.flatMap((station) => station.answer(piece.frame) ?? []);
      const heard = answers.length === 0 ? undefined : overlap(answers.map(encodeFrame));
      say(piece.bytes, heard === undefined ? undefined : line.spoiling(heard, (count += 1)));
    }
  });
  const line: MbusLine = {
    path: end.device,
    asked,
    spoiling: (answer) => answer,
    baud: undefined,
    account,
    [Symbol.asyncDispose]: async () => {
      await end[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
  return line;
}

/** One bit in the middle is wrong. */
export function corrupted(answer: Buffer): Buffer {
  const bytes = Buffer.from(answer);
  const place = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 0x10, place);
  return bytes;
}
