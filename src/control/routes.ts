import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, withDeadline } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { GatewayControl } from './control.ts';
import { parseBody } from './requests.ts';

/** Milliseconds that a reader of a stream may let its buffer stay full. */
const DRAIN_TIMEOUT = 10_000;
const MAX_BODY_BYTES = 64 * 1024;

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

export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/status$/,
    answer: async ({ control, response }) => sendJson(response, 200, await control.status()),
  },
  { method: 'GET', path: /^\/metrics$/, answer: answerMetrics },
  { method: 'GET', path: /^\/watch$/, answer: answerWatch },
  { method: 'POST', path: /^\/history$/, answer: answerHistory },
  { method: 'POST', path: /^\/devices\/([^/]+)\/read$/, answer: answerRead },
  { method: 'POST', path: /^\/devices\/([^/]+)\/kept$/, answer: answerKept },
  { method: 'POST', path: /^\/devices\/([^/]+)\/write$/, answer: answerWrite },
  {
    method: 'POST',
    path: /^\/destinations\/([^/]+)\/pause$/,
    answer: async ({ control, response, name }) => sendJson(response, 200, (await control.pause(name)) ?? {}),
  },
  {
    method: 'POST',
    path: /^\/destinations\/([^/]+)\/resume$/,
    answer: async ({ control, response, name }) => sendJson(response, 200, (await control.resume(name)) ?? {}),
  },
  { method: 'POST', path: /^\/destinations\/([^/]+)\/rewind$/, answer: answerRewind },
  { method: 'POST', path: /^\/trust$/, answer: answerTrust },
  { method: 'POST', path: /^\/connections\/([^/]+)\/read$/, answer: answerAdHocRead },
  { method: 'POST', path: /^\/connections\/([^/]+)\/alternatives$/, answer: answerAlternatives },
  { method: 'POST', path: /^\/connections\/([^/]+)\/write$/, answer: answerAdHocWrite },
  { method: 'POST', path: /^\/connections\/([^/]+)\/scan$/, answer: answerScan },
  { method: 'POST', path: /^\/connections\/([^/]+)\/identify$/, answer: answerIdentify },
  { method: 'POST', path: /^\/connections\/([^/]+)\/browse$/, answer: answerBrowse },
  { method: 'GET', path: /^\/connections\/([^/]+)\/trace$/, answer: answerTrace },
];

// What Prometheus expects of a text exposition: https://prometheus.io/docs/instrumenting/exposition_formats
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

async function answerMetrics({ control, response }: Exchange): Promise<void> {
  send(response, 200, { type: METRICS_TYPE, body: await control.metrics() });
}

function answerWatch(exchange: Exchange): Promise<void> {
  const { control, query, signal } = exchange;
  const filter = {
    ...(query.has('device') && { device: query.getAll('device') }),
    ...(query.has('point') && { point: query.getAll('point') }),
  };
  return sendLines(exchange, control.watch(filter, signal));
}

async function answerHistory(exchange: Exchange): Promise<void> {
  const query = parseBody('history', await bodyOf(exchange));
  await sendLines(exchange, exchange.control.history(query, exchange.signal));
}

async function answerRead(exchange: Exchange): Promise<void> {
  const { points } = parseBody('read', await bodyOf(exchange));
  sendJson(exchange.response, 200, await exchange.control.readDevice(exchange.name, points, exchange.signal));
}

async function answerTrust(exchange: Exchange): Promise<void> {
  const decision = parseBody('trust', await bodyOf(exchange));
  await exchange.control.decide(decision);
  sendJson(exchange.response, 200, {});
}

async function answerKept(exchange: Exchange): Promise<void> {
  const query = parseBody('kept', await bodyOf(exchange));
  await sendLines(exchange, exchange.control.kept(exchange.name, query, exchange.signal));
}

async function answerWrite(exchange: Exchange): Promise<void> {
  const { values } = parseBody('write', await bodyOf(exchange));
  sendJson(exchange.response, 200, await exchange.control.write(exchange.name, values, exchange.signal));
}

async function answerRewind(exchange: Exchange): Promise<void> {
  const span = parseBody('rewind', await bodyOf(exchange));
  sendJson(exchange.response, 200, await exchange.control.rewind(exchange.name, span));
}

async function answerAdHocRead(exchange: Exchange): Promise<void> {
  const asked = parseBody('readAdHoc', await bodyOf(exchange));
  sendJson(exchange.response, 200, await connectionOf(exchange).readAdHoc(asked, exchange.signal));
}

async function answerAlternatives(exchange: Exchange): Promise<void> {
  const asked = parseBody('readAdHoc', await bodyOf(exchange));
  sendJson(exchange.response, 200, await connectionOf(exchange).readAlternatives(asked, exchange.signal));
}

async function answerAdHocWrite(exchange: Exchange): Promise<void> {
  const { value, ...asked } = parseBody('writeAdHoc', await bodyOf(exchange));
  sendJson(exchange.response, 200, await connectionOf(exchange).writeAdHoc(asked, value, exchange.signal));
}

async function answerScan(exchange: Exchange): Promise<void> {
  const range = parseBody('scan', await bodyOf(exchange));
  await sendLines(exchange, inOnes(connectionOf(exchange).scan(range, exchange.signal)));
}

async function answerIdentify(exchange: Exchange): Promise<void> {
  const { device } = parseBody('identify', await bodyOf(exchange));
  sendJson(exchange.response, 200, await connectionOf(exchange).identify(device, exchange.signal));
}

async function answerBrowse(exchange: Exchange): Promise<void> {
  const { place } = parseBody('browse', await bodyOf(exchange));
  sendJson(exchange.response, 200, await connectionOf(exchange).browse(place, exchange.signal));
}

function answerTrace(exchange: Exchange): Promise<void> {
  return sendLines(exchange, connectionOf(exchange).trace(exchange.signal));
}

function connectionOf({ control, name }: Exchange) {
  return control.commissioning(name);
}

async function* inOnes<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  for await (const item of items) yield [item];
}

/** The body of a request that waits for a bus: from here on its client may stay silent for as long as that takes. */
async function bodyOf({ request, response }: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The stream stays open when we leave early, so that the refusal can still be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new GatewayError('usage', `a request may have ${MAX_BODY_BYTES} bytes at most`);
    chunks.push(chunk);
  }
  response.socket?.setTimeout(0);
  return Buffer.concat(chunks).toString();
}

/** Answers with one line of JSON for each item, as they come; what goes wrong is a last line `{"error": …}`. */
async function sendLines<T>(
  { response, clock, signal }: Exchange,
  batches: AsyncIterable<readonly T[]>,
): Promise<void> {
  response.socket?.setTimeout(0); // silence is normal here; a reader that stands still meets DRAIN_TIMEOUT
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  try {
    for await (const items of batches) {
      const lines = items.map((item) => `${JSON.stringify(item)}\n`).join('');
      if (!response.write(lines)) await drained(response, clock, signal);
    }
    response.end();
  } catch (error) {
    const { code, message } = asGatewayError(error, 'failed');
    if (response.writableNeedDrain) throw error;
    response.end(`${JSON.stringify({ error: { code, message } })}\n`);
  }
}

/** Resolves when the client has taken what was written; while we wait here, items are dropped instead of kept. */
async function drained(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  await withDeadline(once(response, 'drain', { signal }), {
    clock,
    milliseconds: DRAIN_TIMEOUT,
    late: () => new GatewayError('usage', 'the client does not take what it asked for'),
  });
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, { type: 'application/json', body: `${JSON.stringify(value)}\n` });
}

function send(response: ServerResponse, status: number, { type, body }: { type: string; body: string }): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
