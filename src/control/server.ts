import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Clock, withDeadline } from '../model/clock.ts';
import { asGatewayError, errorCodes, GatewayError } from '../model/errors.ts';
import type { GatewayControl } from './control.ts';
import { listenOn } from './socket.ts';

// Whoever reaches the socket must not be able to hurt the daemon: everything a client can make us hold is bounded.
const MAX_CONNECTIONS = 16;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_BODY_BYTES = 64 * 1024;
/** Milliseconds that a request may take to arrive, and a silent connection may stay. */
const REQUEST_TIMEOUT = 5000;
const IDLE_TIMEOUT = 30_000;
/** Milliseconds that a reader of /watch may let its buffer stay full. */
const DRAIN_TIMEOUT = 10_000;

type Exchange = {
  readonly control: GatewayControl;
  readonly clock: Clock;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the path's pattern captured. */
  readonly name: string;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
};

type Route = {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly answer: (exchange: Exchange) => Promise<void>;
};

const routes: readonly Route[] = [
  { method: 'GET', path: /^\/status$/, answer: answerStatus },
  { method: 'GET', path: /^\/watch$/, answer: answerWatch },
  { method: 'POST', path: /^\/devices\/([^/]+)\/read$/, answer: answerRead },
];

/** The status of an answer that carries an error, by the exit code that the same error gives a command. */
const httpStatus = { 1: 500, 64: 400, 69: 502, 75: 503, 78: 500 } as const;

/**
 * Offers `control` on a Unix socket that only this user may open. Disposing it ends every open request.
 * Rejects with `journal-locked` while another daemon answers there, `configuration-invalid` where no socket can be made.
 */
export async function serveControl(
  control: GatewayControl,
  settings: { readonly socket: string; readonly clock: Clock },
): Promise<AsyncDisposable> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void serve(control, settings.clock, { request, response }),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT);
  await listenOn(server, settings.socket);
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers one request; whatever goes wrong becomes an answer or a closed connection, never a rejection. */
async function serve(
  control: GatewayControl,
  clock: Clock,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new GatewayError('usage', 'the client closed the connection')));
  try {
    const url = URL.parse(request.url ?? '', 'http://weir');
    const route = routes.find(({ method, path }) => method === request.method && path.test(url?.pathname ?? ''));
    if (url === null || route === undefined) {
      sendError(response, 404, new GatewayError('usage', `there is no ${request.method} ${request.url}`));
      return;
    }
    const name = decodeURIComponent(route.path.exec(url.pathname)?.[1] ?? '');
    const query = url.searchParams;
    await route.answer({ control, clock, request, response, query, name, signal: gone.signal });
  } catch (error) {
    const failure = asGatewayError(error, error instanceof URIError ? 'usage' : 'failed');
    if (response.headersSent) response.destroy();
    else sendError(response, httpStatus[errorCodes[failure.code].exit], failure);
  }
}

async function answerStatus({ control, response }: Exchange): Promise<void> {
  sendJson(response, 200, await control.status());
}

async function answerWatch({ control, clock, response, query, signal }: Exchange): Promise<void> {
  const filter = {
    ...(query.has('device') && { device: query.getAll('device') }),
    ...(query.has('point') && { point: query.getAll('point') }),
  };
  response.socket?.setTimeout(0); // silence is normal here; a reader that stands still meets DRAIN_TIMEOUT
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  for await (const readings of control.watch(filter, signal)) {
    const lines = readings.map((reading) => `${JSON.stringify(reading)}\n`).join('');
    if (!response.write(lines)) await drained(response, clock, signal);
  }
  response.end();
}

/** Resolves when the client has taken what was written; while we wait here, `watch` drops readings instead of keeping them. */
async function drained(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  await withDeadline(once(response, 'drain', { signal }), {
    clock,
    milliseconds: DRAIN_TIMEOUT,
    late: () => new GatewayError('usage', 'the client does not take what it asked for'),
  });
}

const readRequest = z.strictObject({ points: z.array(z.string()).min(1).optional() });

async function answerRead({ control, request, response, name, signal }: Exchange): Promise<void> {
  const body = await bodyOf(request);
  const parsed = readRequest.safeParse(body === '' ? {} : jsonOf(body));
  if (!parsed.success) {
    throw new GatewayError('usage', 'the body of a read must be empty or {"points":["device/point", …]}');
  }
  sendJson(response, 200, await control.readDevice(name, parsed.data.points, signal));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The stream stays open when we leave early, so that the refusal can still be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new GatewayError('usage', `a request may have ${MAX_BODY_BYTES} bytes at most`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError('usage', 'the body of the request is not JSON', { cause: error });
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function sendError(response: ServerResponse, status: number, { code, message }: GatewayError): void {
  response.setHeader('connection', 'close'); // what is left of the request is not worth reading
  sendJson(response, status, { error: { code, message } });
}
