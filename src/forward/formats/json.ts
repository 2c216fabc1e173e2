import { isoTime } from '../../model/clock.ts';
import type { Message } from '../destination.ts';
import type { CataloguePoint, Correction, Format, FormatSession, GatewayIdentity, Loss } from '../format.ts';
import { packetOverhead } from '../packet-size.ts';
import { topicOf, type TopicName } from '../topic.ts';
import { createJsonEncoder } from './json-encoder.ts';

// Weir's own format, topics `weir/1/<gateway>/…`: UTF-8 JSON with short names, one object a message.

export const jsonFormat: Format = {
  delivery: { acknowledgement: 'puback', coverage: 'message', retained: ['status', 'catalogue'], births: false },
  session: ({ identity, commands }) => jsonSession(identity, commands),
};

function jsonSession(identity: GatewayIdentity, commands: boolean): FormatSession {
  const commandTopic = topicOf(identity.gateway, 'command');
  return {
    will: offline(identity, 'lost', null),
    overhead: packetOverhead(topicOf(identity.gateway, 'backlog'), {
      ...properties(identity),
      covers: `${Number.MAX_SAFE_INTEGER},${Number.MAX_SAFE_INTEGER}`,
    }),
    isWaiting: false,
    mayBeDeaf: true,
    filters: () => (commands ? [commandTopic] : []),
    understand: ({ topic, payload, retained: isOld }) =>
      topic === commandTopic && payload.length > 0 ? [{ kind: 'command', command: payload, retained: isOld }] : [],
    introduction: (points, now) => [online(identity, commands, now), catalogue(identity, points)],
    presence: () => [],
    loss: (loss, sent, epoch = identity.epoch) => [gap({ ...identity, epoch }, loss, sent)],
    correction: (record, sent, epoch = identity.epoch) => [correction({ ...identity, epoch }, record, sent)],
    health: (health, now) => [said(identity, 'health', { ...health, time: isoTime(now) })],
    result: ({ time, ...result }) => [said(identity, 'result', { ...result, time: isoTime(time) })],
    leavesWithWill: false,
    farewell: (now) => [offline(identity, 'stopped', now)],
    encoder: (lane, lookup, epoch = identity.epoch) => createJsonEncoder({ ...identity, epoch }, lane, lookup),
  };
}

/** What MQTT 5 repeats beside the payload, so that a router needs not parse it. */
function properties({ gateway, epoch }: GatewayIdentity): Readonly<Record<string, string>> {
  return { gateway, epoch };
}

function retained(identity: GatewayIdentity, name: TopicName, body: object): Message {
  return {
    topic: topicOf(identity.gateway, name),
    payload: Buffer.from(JSON.stringify({ ...identity, ...body })),
    qos: 1,
    retain: true,
    properties: properties(identity),
  };
}

/** That the gateway is there, and whether it listens to commands: who sends one need not wait to find out. */
function online(identity: GatewayIdentity, commands: boolean, wall: number): Message {
  return retained(identity, 'status', { status: 'online', commands, time: isoTime(wall) });
}

/** `lost` is what the broker says on our behalf when we vanish. */
function offline(identity: GatewayIdentity, reason: 'stopped' | 'lost', wall: number | null): Message {
  return retained(identity, 'status', { status: 'offline', reason, ...(wall !== null && { time: isoTime(wall) }) });
}

function catalogue(identity: GatewayIdentity, points: readonly CataloguePoint[]): Message {
  const entries = points.map(({ definition: { id, ...rest } }) => [id, rest] as const);
  return retained(identity, 'catalogue', { points: Object.fromEntries(entries) });
}

function gap(identity: GatewayIdentity, { range, count, from, to, reason }: Loss, sent: number): Message {
  const { after, upto } = range;
  const body = { covers: [after, upto], count, from: timeOrNull(from), to: timeOrNull(to), reason };
  return {
    topic: topicOf(identity.gateway, 'gap'),
    payload: Buffer.from(JSON.stringify({ ...identity, ...body, sent: isoTime(sent) })),
    qos: 1,
    retain: false,
    properties: { ...properties(identity), covers: `${after},${upto}` },
  };
}

function correction(identity: GatewayIdentity, record: Correction, sent: number): Message {
  const { number, range, shift, clock } = record;
  return said(identity, 'correction', { number, covers: [range.after, range.upto], shift, clock, sent: isoTime(sent) });
}

/** Something for whoever listens now. */
function said(identity: GatewayIdentity, name: TopicName, body: object): Message {
  return {
    topic: topicOf(identity.gateway, name),
    payload: Buffer.from(JSON.stringify({ ...identity, ...body })),
    qos: 1,
    retain: false,
    properties: properties(identity),
  };
}

function timeOrNull(wall: number | null): string | null {
  return wall === null ? null : isoTime(wall);
}
