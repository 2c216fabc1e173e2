import { InvalidArgumentError, type Command } from 'commander';
import { GatewayError } from '../model/errors.ts';
import type { RewindSpan } from '../model/rewind.ts';
import { moment, type Moment } from './moment.ts';

// Part of a journal, as --from and --to name it.

type Sequence = { readonly sequence: number };
type Instant = { readonly moment: Moment };
type Place = Sequence | Instant;

export type SpanOptions = { readonly from: Place; readonly to?: Place };

export const SPAN_HELP = `
Both ends are included: sequences, as \`weir journal status\` and \`weir centre\` show them, or times (UTC where no other zone
is named), or so long ago. Times count by when readings were taken, and bring a few more of the same moment.
What was sent once more goes out behind everything else, marked as a repeat. One request after the other.`;

/** Adds the options. */
export function withSpan(command: Command): Command {
  return command
    .requiredOption('--from <place>', 'sequence, time, or so long ago', place)
    .option('--to <place>', 'the same; without it to the newest reading', place);
}

function place(text: string): Place {
  if (!/^\d+$/.test(text)) return { moment: moment(text) };
  const sequence = Number(text);
  if (Number.isSafeInteger(sequence) && sequence > 0) return { sequence };
  throw new InvalidArgumentError('Sequences count from 1.');
}

/** What the options name at `now`, wall milliseconds. Throws `usage` where that is nothing. */
export function spanOf({ from, to }: SpanOptions, now: number): RewindSpan {
  return 'sequence' in from ? sequences(from, to) : times(from, to, now);
}

function sequences({ sequence }: Sequence, to: Place = { sequence: Number.MAX_SAFE_INTEGER }): RewindSpan {
  if (!('sequence' in to)) throw new GatewayError('usage', '--from is a sequence, so --to must be one too');
  requireOrder(sequence, to.sequence);
  return { ranges: [{ after: sequence - 1, upto: to.sequence }] };
}

function times(from: Instant, to: Place | undefined, now: number): RewindSpan {
  if (to !== undefined && 'sequence' in to) {
    throw new GatewayError('usage', '--from is a time, so --to must be one too');
  }
  const span = { from: from.moment(now), to: to?.moment(now) ?? now };
  requireOrder(span.from, span.to);
  return span;
}

function requireOrder(from: number, to: number): void {
  if (to < from) throw new GatewayError('usage', '--to lies before --from');
}
