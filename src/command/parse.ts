import { z } from 'zod';
import type { IncomingCommand, RejectReason } from '../model/command.ts';
import { parseTime } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';

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

const commandSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
  issued: time,
  expires: time,
  target: z.string().regex(/^[^\s/]{1,64}\/[^\s/]{1,64}$/),
  value: z.union([z.number(), z.string().max(LONGEST_TEXT), z.boolean()]),
});

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
  const parsed = commandSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refusal('malformed', issue === undefined ? 'unknown form' : `${issue.path.join('.')} ${issue.message}`.trim());
}
