import { request, type IncomingMessage } from 'node:http';
import { type Clock, withDeadline } from '../model/clock.ts';
import { errorCodes, type ErrorCode, GatewayError } from '../model/errors.ts';
import type { ShownReading } from '../model/status.ts';
import type { GatewayControl, ReadingFilter } from './control.ts';
import { isServed, unreachable } from './socket.ts';

/** Milliseconds: a status comes from memory, a read may wait for a slow bus. */
const STATUS_DEADLINE = 10_000;
const READ_DEADLINE = 120_000;

type Request = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown };

/**
 * The running daemon, reached over its socket; nothing stays open between two calls.
 * Rejects with `daemon-unreachable`, as every call does when the daemon goes away later.
 */
export async function connectControl(socket: string, clock: Clock): Promise<GatewayControl> {
  if (!(await isServed(socket))) throw new GatewayError('daemon-unreachable', `no daemon answers on ${socket}`);
  const ask = askOver(socket, clock);
  return {
    status: async () => JSON.parse(await ask({ method: 'GET', path: '/status' }, STATUS_DEADLINE)),
    watch: (filter, signal) => watch(socket, filter, signal),
    readDevice: async (device, points, signal) => {
      const path = `/devices/${encodeURIComponent(device)}/read`;
      return JSON.parse(await ask({ method: 'POST', path, body: { points } }, READ_DEADLINE, signal));
    },
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

async function* watch(
  socket: string,
  filter: ReadingFilter,
  signal: AbortSignal,
): AsyncGenerator<readonly ShownReading[]> {
  const query = new URLSearchParams([
    ...(filter.device ?? []).map((device): [string, string] => ['device', device]),
    ...(filter.point ?? []).map((point): [string, string] => ['point', point]),
  ]);
  try {
    const response = await send(socket, { method: 'GET', path: `/watch?${query.toString()}` }, signal);
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) yield lines.map((line): ShownReading => JSON.parse(line));
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof GatewayError ? error : unreachable(socket, error);
  }
  if (!signal.aborted) throw new GatewayError('daemon-unreachable', `the daemon behind ${socket} has stopped`);
}
