import { z } from 'zod';
import { idSchema } from '../config/values.ts';
import { clockStates } from '../journal/clock-state.ts';
import { messageOf } from '../model/errors.ts';
import type { Range } from '../model/ranges.ts';
import { decompressed } from './decompress.ts';
import {
  rejection,
  type CatalogueMessage,
  type CorrectionMessage,
  type DataMessage,
  type GapMessage,
  type HealthMessage,
  type Lane,
  type Message,
  type Rejection,
  type StatusMessage,
} from './message.ts';
import { parseReadings, wallTime } from './parse-readings.ts';

// The border of the centre: bytes of whoever may publish on the broker become typed messages here, or a rejection.

/** The larger a message may be, the more memory a hostile one takes; gateways send a tenth of this. */
export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

const identity = { gateway: idSchema, epoch: z.string().regex(/^[0-9a-f]{8}$/) };
const sequence = z.int().nonnegative();
const covers = z
  .tuple([sequence, sequence])
  .refine(([after, upto]) => after <= upto, 'must ascend')
  .transform(([after, upto]): Range => ({ after, upto }));
const time = z
  .string()
  .transform(wallTime)
  .refine((wall) => !Number.isNaN(wall), 'must be a UTC time such as 2026-11-22T09:15:00.000Z');
const LONGEST_SHIFT = 200 * 366 * 86_400_000; // milliseconds: from 1970 to wherever a clock may end up
const word = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

const schemas = {
  data: z.object({
    ...identity,
    covers,
    clock: z.enum(clockStates),
    repeat: z.boolean().exactOptional(),
    readings: z.custom<readonly unknown[]>(Array.isArray),
  }),
  gap: z.object({
    ...identity,
    covers,
    count: z.int().nonnegative(),
    from: time.nullish(),
    to: time.nullish(),
    reason: word,
  }),
  correction: z.object({
    ...identity,
    number: z.int().positive(),
    covers,
    shift: z.int().min(-LONGEST_SHIFT).max(LONGEST_SHIFT),
    clock: z.enum(clockStates),
  }),
  status: z.object({ gateway: idSchema, status: z.enum(['online', 'offline']) }),
  health: z.object({
    ...identity,
    audit: z.object({ number: z.int().nonnegative(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
  }),
  catalogue: z.object({ ...identity, points: z.record(z.string(), z.looseObject({})) }),
};

/** What is parsed from each topic below `weir/1/<gateway>/`; other topics are not for a centre. */
const parsers = {
  live: (body: unknown) => parseData('live', body),
  backlog: (body: unknown) => parseData('backlog', body),
  gap: parseGap,
  correction: parseCorrection,
  health: parseHealth,
  status: parseStatus,
  catalogue: parseCatalogue,
} satisfies Record<string, (body: unknown) => Message | Rejection>;

type TopicName = keyof typeof parsers;

const SHARED: readonly TopicName[] = ['live', 'backlog', 'gap'];

/** What a centre subscribes to: all gateways or one, everything or the part of one of several centres. */
export function topicFilters({
  gateway = '+',
  share,
}: {
  readonly gateway?: string;
  readonly share?: string;
} = {}): readonly string[] {
  return Object.keys(parsers).map((name) => {
    // What is retained does not come by shared subscriptions (MQTT 5 4.8.2), and everybody may know it.
    const isShared = share !== undefined && isTopicName(name) && SHARED.includes(name);
    return `${isShared ? `$share/${share}/` : ''}weir/1/${gateway}/${name}`;
  });
}

function isTopicName(name: string): name is TopicName {
  return Object.hasOwn(parsers, name);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The message in `payload`, or why it is none. Undefined for topics that say nothing to a centre. */
export function parseMessage(topic: string, payload: Uint8Array): Message | Rejection | undefined {
  const [product, version, gateway, name = '', ...deeper] = topic.split('/');
  if (product !== 'weir' || version !== '1' || !isTopicName(name) || deeper.length > 0) return undefined;
  // An empty retained message is how MQTT deletes one.
  if (payload.length === 0) return undefined;
  const message = parsePayload(name, payload);
  if (message.kind === 'rejected') return rejection(message.reason, printable(`${topic}: ${message.detail}`));
  if (message.gateway === gateway) return message;
  return rejection('foreign-gateway', printable(`${topic}: the message says that it is of ${message.gateway}`));
}

/** Details end up on terminals: what others wrote must not steer them, or fill them. */
function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}|\p{Cf}/gu, '?')
    .slice(0, 300);
}

function parsePayload(name: TopicName, payload: Uint8Array): Message | Rejection {
  if (payload.length > MAX_MESSAGE_BYTES) {
    return rejection('too-large', `${payload.length} bytes are more than ${MAX_MESSAGE_BYTES}`);
  }
  let body: unknown;
  try {
    body = JSON.parse(decoder.decode(decompressed(payload, MAX_MESSAGE_BYTES)));
  } catch (error) {
    return rejection('not-json', messageOf(error));
  }
  return parsers[name](body);
}

function malformed(error: z.ZodError): Rejection {
  const [issue] = error.issues;
  return rejection('malformed', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown form'}`);
}

function parseData(lane: Lane, body: unknown): DataMessage | Rejection {
  const parsed = schemas.data.safeParse(body);
  if (!parsed.success) return malformed(parsed.error);
  const readings = parseReadings(parsed.data.readings, parsed.data);
  return 'kind' in readings ? readings : { kind: 'data', lane, ...parsed.data, readings };
}

function parseGap(body: unknown): GapMessage | Rejection {
  const parsed = schemas.gap.safeParse(body);
  if (!parsed.success) return malformed(parsed.error);
  return { kind: 'gap', ...parsed.data, from: parsed.data.from ?? null, to: parsed.data.to ?? null };
}

function parseCorrection(body: unknown): CorrectionMessage | Rejection {
  const parsed = schemas.correction.safeParse(body);
  if (!parsed.success) return malformed(parsed.error);
  return { kind: 'correction', ...parsed.data };
}

function parseHealth(body: unknown): HealthMessage | Rejection {
  const parsed = schemas.health.safeParse(body);
  if (!parsed.success) return malformed(parsed.error);
  return { kind: 'health', ...parsed.data };
}

function parseStatus(body: unknown): StatusMessage | Rejection {
  const parsed = schemas.status.safeParse(body);
  if (!parsed.success) return malformed(parsed.error);
  return { kind: 'status', gateway: parsed.data.gateway, state: parsed.data.status };
}

function parseCatalogue(body: unknown): CatalogueMessage | Rejection {
  const parsed = schemas.catalogue.safeParse(body);
  if (!parsed.success) return malformed(parsed.error);
  const { gateway, epoch, points } = parsed.data;
  return { kind: 'catalogue', gateway, epoch, points: Object.keys(points).length };
}
