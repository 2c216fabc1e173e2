import type { Clock } from '../model/clock.ts';
import type { Library } from './opcua-library.ts';
import type { FrameTap } from './trace.ts';

// The bytes stay unseen: they are encrypted where the channel is protected, and hold passwords where it is not.
const UNSEEN = Buffer.alloc(0);

/** Lists of what a request is about, as the stack names them, and what they hold. */
const lists = {
  nodesToRead: 'nodes',
  nodesToWrite: 'nodes',
  nodesToBrowse: 'nodes',
  browsePaths: 'paths',
  itemsToCreate: 'items',
  subscriptionAcknowledgements: 'acknowledged',
} as const;

/** Shows each call of a service and its answer: name, handle, size, and of an answer what it says and how long it took. */
export function traceCalls(channel: Library.ClientSecureChannelLayer, tap: FrameTap, clock: Clock): void {
  const asked = new Map<number, number>();
  channel.on('send_request', (request) => {
    if (tap.listener === undefined) {
      asked.clear();
      return;
    }
    asked.set(request.requestHeader.requestHandle, clock.monotonic());
    tap.listener({ direction: 'sent', bytes: UNSEEN, meaning: [callOf(request), ...contentOf(request)].join(', ') });
  });
  channel.on('timed_out_request', (request) => {
    asked.delete(request.requestHeader.requestHandle);
    tap.listener?.({ direction: 'received', bytes: UNSEEN, meaning: `${callOf(request)}, timeout: no answer` });
  });
  channel.on('end_transaction', ({ request, response, bytesRead, bytesWritten }) => {
    const handle = request.requestHeader.requestHandle;
    const since = asked.get(handle);
    asked.delete(handle);
    const took = since === undefined ? [] : [`${Math.round(clock.monotonic() - since)} ms`];
    const size = `${bytesWritten} bytes sent, ${bytesRead} received`;
    const meaning = [callOf(request), resultOf(response), ...took, size].join(', ');
    tap.listener?.({ direction: 'received', bytes: UNSEEN, meaning });
  });
}

type Request = Parameters<Library.ClientSecureChannelLayer['performMessageTransaction']>[0];

/** `Read 12`: the service and the handle by which its answer is known. */
function callOf({ schema, requestHeader }: Request): string {
  return `${schema.name.replace(/Request$/, '')} ${requestHeader.requestHandle}`;
}

function contentOf(request: Request): readonly string[] {
  return Object.entries(lists).flatMap(([key, noun]) => {
    const list: unknown = Reflect.get(request, key);
    return Array.isArray(list) && list.length > 0 ? [`${list.length} ${noun}`] : [];
  });
}

/** `Good`, or the status with which the server refused. */
function resultOf({ responseHeader, schema }: Library.Response): string {
  const { name } = responseHeader.serviceResult;
  return schema.name === 'ServiceFault' ? `refused: ${name}` : name;
}
