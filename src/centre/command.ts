import { z } from 'zod';
import type { Message } from '../forward/destination.ts';
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
};

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

/** What asks for `span`, whose sequences are those of `epoch`; of the journal of now where that is not said. */
export function replayOf(span: RewindSpan, epoch?: string): object {
  if ('from' in span) return { from: isoTime(span.from), to: isoTime(span.to) };
  return { ...(epoch !== undefined && { epoch }), covers: span.ranges.map(({ after, upto }) => [after, upto]) };
}

/**
 * Sends a command and resolves with what the gateway says became of it: of several answers with its id the first.
 * Rejects with `command-unanswered` where it says nothing in time, or as connecting does.
 */
export async function sendCommand(
  broker: BrokerSettings,
  command: OutgoingCommand,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReceivedResult> {
  const { session: _session, tls = PLAIN_TLS, ...settings } = broker;
  using uplink = await connectMqtt({ ...settings, tls, keepAlive: KEEP_ALIVE, will: undefined }, clock, signal);
  const result = new Promise<ReceivedResult>((resolve, reject) => {
    uplink.onMessage(({ payload }) => {
      const answer = resultIn(payload);
      if (answer?.id === command.id) resolve(answer);
    });
    uplink.closed.then(reject, reject);
  });
  result.catch(() => undefined); // the publication fails first
  await uplink.subscribe([topicOf(command.gateway, 'result')]);
  await uplink.publish(messageOf(command, clock.wall()));
  const late = (): GatewayError => unanswered(command);
  const answer = await withDeadline(result, { clock, milliseconds: command.patience, late, signal });
  await uplink.goodbye();
  return answer;
}

function messageOf({ gateway, id, body, validity }: OutgoingCommand, now: number): Message {
  const times = { issued: isoTime(now), expires: isoTime(now + validity) };
  const payload = Buffer.from(JSON.stringify({ id, ...times, ...body }));
  return { topic: topicOf(gateway, 'command'), payload, qos: 1, retain: false, properties: {} };
}

/** Undefined for whatever else somebody publishes there. */
function resultIn(payload: Buffer): ReceivedResult | undefined {
  try {
    return resultSchema.safeParse(JSON.parse(payload.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function unanswered({ gateway, patience }: OutgoingCommand): GatewayError {
  const text = `${gateway} says nothing within ${patience / 1000} s: it is away, or listens to no command from this broker`;
  return new GatewayError('command-unanswered', text);
}
