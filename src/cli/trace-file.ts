import { open, type FileHandle } from 'node:fs/promises';
import type { ShownFrame } from '../collect/commissioning.ts';
import { parseTime } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { formatTraceHead, formatTraceLine, type TraceHead } from '../wire/trace-text.ts';

/** A recording that grows on disk, frame by frame; disposing it closes the file. */
export type TraceFile = AsyncDisposable & { readonly write: (frames: readonly ShownFrame[]) => Promise<void> };

/** Begins a recording. Rejects with `usage` where a file of that name exists, with `output-failed` where none can be made. */
export async function openTraceFile(path: string, head: TraceHead): Promise<TraceFile> {
  const file = await create(path);
  const append = async (text: string): Promise<void> => {
    await file.appendFile(text).catch((error: unknown) => refuse(path, error));
  };
  await append(formatTraceHead(head));
  return {
    write: (frames) => append(frames.map((frame) => lineOf(frame, head)).join('')),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (exists)
      throw new GatewayError('usage', `${path} exists: name another file for the recording`, { cause: error });
    return refuse(path, error);
  }
}

function refuse(path: string, error: unknown): never {
  throw new GatewayError('output-failed', `${path}: ${messageOf(error)}`, { cause: error });
}

function lineOf({ time, direction, bytes, meaning }: ShownFrame, { started }: TraceHead): string {
  const seconds = Math.max(0, parseTime(time) - started) / 1_000;
  return formatTraceLine({ seconds, direction, bytes: Buffer.from(bytes, 'hex'), meaning });
}
