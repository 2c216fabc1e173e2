import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { GatewayError, messageOf } from '../../model/errors.ts';

const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

/** A text file that grows by whole entries only. */
export interface Lines {
  /** Whether nothing was in it when it was opened. */
  readonly empty: boolean;
  /** Appends all of `text` or nothing; throws `output-failed`. */
  append(text: string): void;
  close(): void;
}

/**
 * Opens `file` to append to it; what is in it must begin with `beginning`, else it is somebody else's and is refused.
 * The half line that a power cut may leave at the end is cut off: its message was never acknowledged.
 */
export function openLines(file: string, beginning: string): Lines {
  const failed = (error: unknown): GatewayError =>
    new GatewayError('output-failed', `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o640);
    const length = wholeLines(descriptor, beginning);
    cut(descriptor, length);
    return growing(descriptor, length, failed);
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw failed(error);
  }
}

function growing(descriptor: number, start: number, failed: (error: unknown) => GatewayError): Lines {
  let length = start;
  let isOpen = true;
  return {
    empty: start === 0,
    append(text) {
      const bytes = Buffer.from(text);
      try {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(descriptor, bytes, done, bytes.length - done, length + done);
        }
      } catch (error) {
        cut(descriptor, length);
        throw failed(error);
      }
      length += bytes.length;
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

function cut(descriptor: number, length: number): void {
  // Devices and pipes have no length to cut.
  if (fstatSync(descriptor).isFile()) ftruncateSync(descriptor, length);
}

/** The length of the file without a half line at its end. */
function wholeLines(descriptor: number, beginning: string): number {
  const { size } = fstatSync(descriptor);
  const head = readAt(descriptor, 0, Math.min(size, beginning.length)).toString('latin1');
  if (!beginning.startsWith(head))
    throw new Error(`it holds something else: it does not begin with ${beginning.trim()}`);
  for (let end = size; end > 0; end -= BLOCK) {
    const start = Math.max(0, end - BLOCK);
    const newline = readAt(descriptor, start, end - start).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const block = Buffer.alloc(length);
  return block.subarray(0, readSync(descriptor, block, 0, length, position));
}
