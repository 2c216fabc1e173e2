import { request, type IncomingMessage } from 'node:http';
import { type Clock, withDeadline } from '../model/clock.ts';
import { errorCodes, type ErrorCode, GatewayError } from '../model/errors.ts';
import type { Commissioning, ScanProgress } from '../collect/commissioning.ts';
import type { GatewayControl, ReadingFilter } from './control.ts';
import type { ShownReading } from '../model/status.ts';
import { isServed, unreachable } from './socket.ts';

/** Milliseconds: a status comes from memory, what goes over a bus may wait for a slow one. */
const STATUS_DEADLINE = 10_000;
const BUS_DEADLINE = 120_000;

type Request = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown };

/**
 * The running daemon, reached over its socket; nothing stays open between two calls.
 * Rejects with `daemon-unreachable`, as every call does when the daemon goes away later.
 */
export async function connectControl(socket: string, clock: Clock): Promise<GatewayControl> {
  if (!(await isServed(socket))) throw new GatewayError('daemon-unreachable', `no daemon answers on ${socket}`);
  const ask = askOver(socket, clock);
  const get = (path: string): Promise<string> => ask({ method: 'GET', path }, STATUS_DEADLINE);
  const post = async (path: string, body: unknown, signal: AbortSignal) =>
    JSON.parse(await ask({ method: 'POST', path, body }, BUS_DEADLINE, signal));
  return {
    status: async () => JSON.parse(await get('/status')),
    metrics: () => get('/metrics'),
    watch: (filter, signal) => watch(socket, filter, signal),
    history: (query, signal) => linesOf(socket, { method: 'POST', path: '/history', body: query }, signal),
    readDevice: (device, points, signal) => post(`/devices/${encodeURIComponent(device)}/read`, { points }, signal),
    kept: (device, query, signal) =>
      linesOf(socket, { method: 'POST', path: `/devices/${encodeURIComponent(device)}/kept`, body: query }, signal),
    write: (device, values, signal) => post(`/devices/${encodeURIComponent(device)}/write`, { values }, signal),
    commissioning: (connection) => commissioningOver(socket, connection, post),
    pause: async (destination) => void (await ask(ofDestination(destination, 'pause'), STATUS_DEADLINE)),
    rewind: async (destination, span) =>
      JSON.parse(await ask({ ...ofDestination(destination, 'rewind'), body: span }, STATUS_DEADLINE)),
    decide: async (decision) => void (await ask({ method: 'POST', path: '/trust', body: decision }, STATUS_DEADLINE)),
    resume: async (destination) => void (await ask(ofDestination(destination, 'resume'), STATUS_DEADLINE)),
  };
}

function ofDestination(name: string, what: 'pause' | 'resume' | 'rewind'): Request {
  return { method: 'POST', path: `/destinations/${encodeURIComponent(name)}/${what}` };
}

/** Sends a request that waits for a bus, and answers with what came back. */
type Post = (path: string, body: unknown, signal: AbortSignal) => ReturnType<typeof JSON.parse>;

function commissioningOver(socket: string, connection: string, post: Post): Commissioning {
  const path = `/connections/${encodeURIComponent(connection)}`;
  return {
    readAdHoc: (asked, signal) => post(`${path}/read`, asked, signal),
    readAlternatives: (asked, signal) => post(`${path}/alternatives`, asked, signal),
    writeAdHoc: (asked, value, signal) => post(`${path}/write`, { ...asked, value }, signal),
    identify: (device, signal) => post(`${path}/identify`, { device }, signal),
    browse: (place, signal) => post(`${path}/browse`, place === undefined ? {} : { place }, signal),
    scan: async function* scan(range, signal) {
      const scanned = { method: 'POST', path: `${path}/scan`, body: range } as const;
      for await (const steps of linesOf<ScanProgress>(socket, scanned, signal)) yield* steps;
    },
    trace: (signal) => endless(socket, linesOf(socket, { method: 'GET', path: `${path}/trace` }, signal), signal),
  };
}

function askOver(socket: string, clock: Clock) {
  return async (wanted: Request, milliseconds: number, signal?: AbortSignal): Promise<string> => {
    const ended = new AbortController();
    const work = send(socket, wanted, AbortSignal.any([ended.signal, ...(signal ? [signal] : [])])).then(textOf);
    const late = (): Error => new GatewayError('daemon-unreachable', `no answer on ${socket} in ${milliseconds} ms`);
    try {
      return await withDeadline(work, { clock, milliseconds, late, ...(signal && { signal }) });
    } finally {
      ended.abort();
    }
  };
}

/** Resolves with the head of a good answer; an error answered by the daemon is thrown as it was there. */
async function send(socket: string, { method, path, body }: Request, signal: AbortSignal): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      { socketPath: socket, method, path, headers: { host: 'weir' }, agent: false, signal },
      resolve,
    );
    sent.once('error', (error) => reject(signal.aborted ? signal.reason : unreachable(socket, error)));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
  if (response.statusCode === 200) return response;
  throw errorIn(await textOf(response), `the daemon answered ${response.statusCode}`);
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}

function errorIn(body: string, otherwise: string): GatewayError {
  try {
    const { error } = JSON.parse(body);
    if (isErrorCode(error.code)) return new GatewayError(error.code, String(error.message));
  } catch {
    // Not one of our own answers: the HTTP server's, to a request it could not read.
  }
  return new GatewayError('failed', otherwise);
}

function watch(socket: string, filter: ReadingFilter, signal: AbortSignal): AsyncGenerator<readonly ShownReading[]> {
  const query = new URLSearchParams([
    ...(filter.device ?? []).map((device): [string, string] => ['device', device]),
    ...(filter.point ?? []).map((point): [string, string] => ['point', point]),
  ]);
  const lines = linesOf<ShownReading>(socket, { method: 'GET', path: `/watch?${query.toString()}` }, signal);
  return endless(socket, lines, signal);
}

/** The same, where only the end of the daemon can end it. */
async function* endless<T>(
  socket: string,
  batches: AsyncIterable<readonly T[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  yield* batches;
  if (!signal.aborted) throw new GatewayError('daemon-unreachable', `the daemon behind ${socket} has stopped`);
}

/** The lines of an answer, as they come; ends quietly when `signal` aborts. A last line with an error is thrown. */
async function* linesOf<T>(socket: string, wanted: Request, signal: AbortSignal): AsyncGenerator<readonly T[]> {
  try {
    const response = await send(socket, wanted, signal);
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const failed = lines.findIndex((line) => line.startsWith('{"error":'));
      const good = failed === -1 ? lines : lines.slice(0, failed);
      if (good.length > 0) yield good.map((line): T => JSON.parse(line));
      if (failed !== -1) throw errorIn(lines[failed] ?? '', 'the daemon failed');
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof GatewayError ? error : unreachable(socket, error);
  }
}
