import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../model/clock.ts';
import { asGatewayError, errorCodes, GatewayError } from '../model/errors.ts';
import type { GatewayControl } from './control.ts';
import { routes, sendJson } from './routes.ts';
import { listenOn } from './socket.ts';

// Whoever reaches the socket must not be able to hurt the daemon: everything a client can make us hold is bounded.
const MAX_CONNECTIONS = 16;
const MAX_HEADER_BYTES = 8 * 1024;
/** Milliseconds that a request may take to arrive, and a silent connection may stay. */
const REQUEST_TIMEOUT = 5000;
const IDLE_TIMEOUT = 30_000;
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

function sendError(response: ServerResponse, status: number, { code, message }: GatewayError): void {
  response.setHeader('connection', 'close'); // what is left of the request is not worth reading
  sendJson(response, status, { error: { code, message } });
}
