import { isoTime, parseTime } from '../../../model/clock.ts';
import type { IncomingCommand } from '../../../model/command.ts';
import { valueOf, type ReceivedMetric, type ReceivedPayload } from './commands.ts';

// Sparkplug has no words for it: a node control of our own, in the manner of `Node Control/Rebirth` (6.4.12). A host knows no
// sequences, so it asks for times.

export const REPLAY = 'Node Control/Replay';

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z`;
const INTERVAL = new RegExp(`^(${TIME})/(${TIME})$`);

/** The request in a metric of an NCMD: its value is an interval like `2026-11-22T08:00:00Z/2026-11-22T09:00:00Z`. */
export function replayIn(
  { name, value, timestamp }: ReceivedMetric,
  payload: ReceivedPayload,
): IncomingCommand | undefined {
  const text = name === REPLAY && value !== undefined ? valueOf(value, 'string') : undefined;
  const [, from, to] = INTERVAL.exec(String(text)) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const span = { from: parseTime(from), to: parseTime(to) };
  if (!(span.from <= span.to)) return undefined; // nor where one of them is no time
  const issued = timestamp ?? payload.timestamp ?? null;
  const request = { kind: 'replay', epoch: null, span } as const;
  return {
    id: null,
    issued,
    expires: null,
    target: 'replay',
    value: `${isoTime(span.from)}/${isoTime(span.to)}`,
    request,
  };
}
