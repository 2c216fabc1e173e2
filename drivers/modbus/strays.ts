import type { WireEvent } from '../../src/collect/driver.ts';
import type { FailureReason } from './client.ts';
import { explainFrame } from './explain.ts';
import type { Message } from './framing.ts';
import { codeOf, EXCEPTION_FLAG, fitOf } from './pdu.ts';
import type { Question } from './pdu.ts';

/** What arrived and is no answer; `blame` is what that makes of the question that waits for one. */
export type Stray = { readonly event: WireEvent; readonly detail: string; readonly blame?: FailureReason };

/** A sound frame that nobody waits for, while `current` is asked and after `last` was answered. */
export function describeStray(
  frame: Message,
  { current, last }: { readonly current: Question | undefined; readonly last: Question | undefined },
): Stray {
  const said = explainFrame('received', frame);
  if (last !== undefined && fitOf(frame, last) !== undefined) return { event: 'late-frame', detail: `again: ${said}` };
  if (current === undefined || !isOfFunction(frame, current)) {
    return { event: 'foreign-frame', detail: `foreign: ${said}`, blame: 'foreign-answer' };
  }
  const detail = `${said}, to "${explainFrame('sent', current)}"`;
  return { event: 'malformed-frame', detail, blame: 'malformed-answer' };
}

function isOfFunction({ unit, pdu }: Message, question: Question): boolean {
  return unit === question.unit && ((pdu[0] ?? 0) & ~EXCEPTION_FLAG) === codeOf(question);
}

/** Bytes that are no frame; `isDamaged` where they have the length of an answer. */
export function describeNoise(bytes: Buffer, isDamaged: boolean): Stray {
  const content = `${bytes.length} bytes: ${bytes.toString('hex', 0, 32)}`;
  if (!isDamaged) return { event: 'noise', detail: content };
  return { event: 'checksum-error', detail: `a damaged answer, ${content}`, blame: 'malformed-answer' };
}

export const UNEXPECTED_ECHO: Stray = {
  event: 'noise',
  detail: 'the adapter echoes what it sends: set `echo: true`',
};

export const MISSING_ECHO: Stray = {
  event: 'malformed-frame',
  detail: 'what was sent did not come back as it was: is this an adapter that echoes, as `echo: true` says?',
  blame: 'malformed-answer',
};
