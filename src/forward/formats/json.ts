import { isoTime } from '../../model/clock.ts';
import type { Message } from '../destination.ts';
import type { Format, GatewayIdentity, Loss } from '../format.ts';
import { topicOf, type TopicName } from '../topic.ts';
import { createJsonEncoder } from './json-encoder.ts';

// Weir's own format, topics `weir/1/<gateway>/…`: UTF-8 JSON with short names, one object a message.

/** What MQTT 5 repeats beside the payload, so that a router needs not parse it. */
function properties({ gateway, epoch }: GatewayIdentity): Readonly<Record<string, string>> {
  return { gateway, epoch };
}

function retained(identity: GatewayIdentity, name: TopicName, body: object): Message {
  return {
    topic: topicOf(identity.gateway, name),
    payload: Buffer.from(JSON.stringify({ ...identity, ...body })),
    retain: true,
    properties: properties(identity),
  };
}

function timeOrNull(wall: number | null): string | null {
  return wall === null ? null : isoTime(wall);
}

export const jsonFormat: Format = {
  delivery: { acknowledgement: 'puback', coverage: 'message' },

  status: (identity, status, wall) =>
    retained(identity, 'status', {
      status: status === 'online' ? 'online' : 'offline',
      ...(status !== 'online' && { reason: status }),
      ...(wall !== null && { time: isoTime(wall) }),
    }),

  catalogue: (identity, points) =>
    retained(identity, 'catalogue', { points: Object.fromEntries(points.map(({ id, ...rest }) => [id, rest])) }),

  loss: (identity, loss, sent) => ({
    topic: topicOf(identity.gateway, 'gap'),
    payload: Buffer.from(JSON.stringify({ ...identity, ...gapBody(loss), sent: isoTime(sent) })),
    retain: false,
    properties: { ...properties(identity), covers: `${loss.range.after},${loss.range.upto}` },
  }),

  encoder: createJsonEncoder,
};

function gapBody({ range, count, from, to, reason }: Loss): object {
  return { covers: [range.after, range.upto], count, from: timeOrNull(from), to: timeOrNull(to), reason };
}
