import { z } from 'zod';
import type { Message, Uplink } from '../forward/destination.ts';
import { connectMqtt } from '../forward/mqtt.ts';
import { topicOf } from '../forward/topic.ts';
import { isoTime, withDeadline, type Clock } from '../model/clock.ts';
import type { CommandStatus } from '../model/command.ts';
import { GatewayError } from '../model/errors.ts';
import type { RewindSpan } from '../model/rewind.ts';
import { PLAIN_TLS, type BrokerSettings } from './receive.ts';

// The centre's side of a command: one message there, one back.

const KEEP_ALIVE = 30_000; // milliseconds

export type OutgoingCommand = {
  readonly gateway: string;
  readonly id: string;
  /** What it asks for, in the gateway's JSON; see src/command/parse.ts. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds that it is valid from now on. */
  readonly validity: number;
  /** Milliseconds to wait for the result. */
  readonly patience: number;
  /** Told once the broker has taken it, and what the broker knows of the gateway. */
  readonly sent?: (gateway: Presence) => void;
};

/** What a gateway has said of itself: the broker keeps it. `unknown`: nothing, or we may not hear it. */
export type Presence = 'online' | 'offline' | 'unknown';

const statuses = ['done', 'rejected', 'failed', 'unknown'] as const satisfies readonly CommandStatus[];

const resultSchema = z.object({
  gateway: z.string(),
  id: z.string().nullable(),
  target: z.string().nullable(),
  status: z.enum(statuses),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  time: z.string(),
});

export type ReceivedResult = z.output<typeof resultSchema>;

/** What older gateways do not say is absent. */
const statusSchema = z.object({ status: z.enum(['online', 'offline']), commands: z.boolean().optional() });

/** What asks for `span`, whose sequences are those of `epoch`; of the journal of now where that is not said. */
export function replayOf(span: RewindSpan, epoch?: string): object {
  if ('from' in span) return { from: isoTime(span.from), to: isoTime(span.to) };
  return { ...(epoch !== undefined && { epoch }), covers: span.ranges.map(({ after, upto }) => [after, upto]) };
}

/**
 * Sends a command and resolves with what the gateway says became of it: of several answers with its id the first.
 * Rejects with `commands-off` at once where it listens to none, with `command-unanswered` where it says nothing in time, or
 * as connecting does.
 */
export async function sendCommand(
  broker: BrokerSettings,
  command: OutgoingCommand,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReceivedResult> {
  const { session: _session, tls = PLAIN_TLS, ...settings } = broker;
  using uplink = await connectMqtt({ ...settings, tls, keepAlive: KEEP_ALIVE, will: undefined }, clock, signal);
  const heard = listen(uplink, command);
  await uplink.subscribe([topicOf(command.gateway, 'result')]);
  await subscribeIfGranted(uplink, topicOf(command.gateway, 'status'));
  await uplink.publish(messageOf(command, clock.wall()));
  // Most brokers send what they have kept before they acknowledge; of the others it comes later, and ends the waiting.
  if (heard.commands === false) throw commandsOff(command);
  command.sent?.(heard.presence);
  const late = (): GatewayError => unanswered(command, heard.presence);
  const answer = await withDeadline(heard.result, { clock, milliseconds: command.patience, late, signal });
  await uplink.goodbye();
  return answer;
}

type Heard = {
  presence: Presence;
  /** Whether it listens to commands, as far as it has said so. */
  commands: boolean | undefined;
  /** Rejects where none can come. */
  readonly result: Promise<ReceivedResult>;
};

/** Hears what the gateway says, from now on. */
function listen(uplink: Uplink, command: OutgoingCommand): Heard {
  const { promise: result, resolve, reject } = Promise.withResolvers<ReceivedResult>();
  const heard: Heard = { presence: 'unknown', commands: undefined, result };
  const hearStatus = (payload: Buffer): void => {
    const said = parsed(statusSchema, payload);
    if (said === undefined) return;
    heard.presence = said.status;
    heard.commands = said.commands;
    if (said.commands === false) reject(commandsOff(command));
  };
  uplink.onMessage(({ topic, payload }) => {
    if (topic === topicOf(command.gateway, 'status')) return hearStatus(payload);
    const answer = parsed(resultSchema, payload);
    if (answer?.id === command.id) resolve(answer);
  });
  uplink.closed.then(reject, reject);
  result.catch(() => undefined); // the publication fails first
  return heard;
}

function messageOf({ gateway, id, body, validity }: OutgoingCommand, now: number): Message {
  const times = { issued: isoTime(now), expires: isoTime(now + validity) };
  const payload = Buffer.from(JSON.stringify({ id, ...times, ...body }));
  return { topic: topicOf(gateway, 'command'), payload, qos: 1, retain: false, properties: {} };
}

/** Who may only command is not shown how the gateway is. */
async function subscribeIfGranted(uplink: Pick<Uplink, 'subscribe'>, topic: string): Promise<void> {
  try {
    await uplink.subscribe([topic]);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'destination-refused') throw error;
  }
}

/** Undefined for whatever else somebody publishes there. */
function parsed<T>(schema: z.ZodType<T>, payload: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(payload.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function commandsOff({ gateway }: OutgoingCommand): GatewayError {
  return new GatewayError('commands-off', `${gateway} takes no commands: its destination has no \`commands\``);
}

const whyUnanswered: Readonly<Record<Presence, string>> = {
  online: 'it is online; does its destination allow `commands`?',
  offline: 'it is offline',
  unknown: 'no gateway of that name has told this broker that it is there',
};

function unanswered({ gateway, patience }: OutgoingCommand, presence: Presence): GatewayError {
  const text = `${gateway} says nothing within ${patience / 1000} s: ${whyUnanswered[presence]}`;
  return new GatewayError('command-unanswered', text);
}
