import { z } from 'zod';
import type { CentreRequest, IncomingCommand, RejectReason } from '../model/command.ts';
import { isoTime, parseTime } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import { addRange, type Range, type Ranges } from '../model/ranges.ts';

/** A command fits many times; what is longer is not even parsed. */
const MOST_BYTES = 4096;
const LONGEST_TEXT = 256;

/** Why a command is not carried out. */
export type Refusal = { readonly reason: RejectReason; readonly detail: string };

export function refusal(reason: RejectReason, detail: string): Refusal {
  return { reason, detail };
}

const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/)
  .transform(parseTime)
  .refine((wall) => !Number.isNaN(wall), 'is no such time');

const head = { id: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/), issued: time, expires: time };

const writeSchema = z.strictObject({
  ...head,
  target: z.string().regex(/^[^\s/]{1,64}\/[^\s/]{1,64}$/),
  value: z.union([z.number(), z.string().max(LONGEST_TEXT), z.boolean()]),
});

const sequence = z.int().nonnegative();
const coverage = z
  .tuple([sequence, sequence])
  .refine(([after, upto]) => after < upto, 'must ascend')
  .transform(([after, upto]): Range => ({ after, upto }));
const coverages = z
  .array(coverage)
  .min(1)
  .transform((ranges) => ranges.reduce<Ranges>(addRange, []));
const epoch = z.string().regex(/^[0-9a-f]{8}$/);

const replaySchema = z.strictObject({
  ...head,
  replay: z.union(
    [
      z.strictObject({ epoch: epoch.optional(), covers: coverages }),
      z.strictObject({ from: time, to: time }).refine(({ from, to }) => from <= to, 'must not end before it begins'),
    ],
    'must be {"covers":[[after,upto]],"epoch"} or {"from","to"}',
  ),
});

const catalogueSchema = z.strictObject({ ...head, catalogue: z.literal(true) });

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The command in `payload`, our own JSON, or why it is none. Bounded in time and memory, whatever the bytes are. */
export function parseCommand(payload: Uint8Array): IncomingCommand | Refusal {
  if (payload.length > MOST_BYTES) {
    return refusal('too-large', `${payload.length} bytes, and a command has ${MOST_BYTES} at most`);
  }
  try {
    return commandIn(JSON.parse(decoder.decode(payload)));
  } catch (error) {
    return refusal('malformed', messageOf(error));
  }
}

function commandIn(body: unknown): IncomingCommand | Refusal {
  // A schema looks a key up; one that JSON made an own property of this name would pass unseen.
  if (typeof body === 'object' && body !== null && Object.hasOwn(body, '__proto__')) {
    return refusal('malformed', '__proto__ is no key of a command');
  }
  if (hasKey(body, 'replay')) return parsedBy(replaySchema, body, replayOf);
  if (hasKey(body, 'catalogue')) return parsedBy(catalogueSchema, body, catalogueOf);
  return parsedBy(writeSchema, body, (command) => command);
}

function hasKey(body: unknown, key: string): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, key);
}

function parsedBy<Body>(
  schema: z.ZodType<Body>,
  body: unknown,
  meant: (body: Body) => IncomingCommand,
): IncomingCommand | Refusal {
  const parsed = schema.safeParse(body);
  if (parsed.success) return meant(parsed.data);
  const [issue] = parsed.error.issues;
  return refusal('malformed', issue === undefined ? 'unknown form' : `${issue.path.join('.')} ${issue.message}`.trim());
}

function replayOf({ replay, ...command }: z.output<typeof replaySchema>): IncomingCommand {
  if ('from' in replay) {
    const request: CentreRequest = { kind: 'replay', epoch: null, span: replay };
    return { ...command, target: 'replay', value: `${isoTime(replay.from)}/${isoTime(replay.to)}`, request };
  }
  const { epoch: of = null, covers } = replay;
  const value = covers.map(({ after, upto }) => `${after + 1}..${upto}`).join(', ');
  return { ...command, target: 'replay', value, request: { kind: 'replay', epoch: of, span: { ranges: covers } } };
}

function catalogueOf({ catalogue: _catalogue, ...command }: z.output<typeof catalogueSchema>): IncomingCommand {
  return { ...command, target: 'catalogue', value: 'all', request: { kind: 'catalogue' } };
}
