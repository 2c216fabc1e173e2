import type { CommandSettings } from '../config/configuration.ts';
import { isoTime } from '../model/clock.ts';
import type { IncomingCommand } from '../model/command.ts';
import { refusal, type Refusal } from './parse.ts';
import type { ReplayTable } from './replay-table.ts';

// What is ahead of our clock by less than this is a difference between two clocks.
const CLOCK_TOLERANCE = 60_000; // milliseconds

/** A command of which everything is known that a check needs. */
export type TimedCommand = IncomingCommand & {
  readonly id: string;
  readonly issued: number;
  readonly expires: number;
};

export type Moment = {
  /** Wall milliseconds. */
  readonly now: number;
  /** Whether the clock of this machine can be believed. */
  readonly synchronised: boolean;
};

/**
 * Whether a command is of this time: not expired, not from the future, not valid for longer than it may be. One whose
 * format knows neither id nor expiry is valid as long as it may be, and is named by what it says.
 */
export function timely(
  command: IncomingCommand,
  { validity }: Pick<CommandSettings, 'validity'>,
  { now, synchronised }: Moment,
): TimedCommand | Refusal {
  const { target, value } = command;
  const issued = command.issued === 'arrival' ? now : command.issued;
  if (!synchronised)
    return refusal(
      'clock',
      'the clock of this gateway is not synchronised, so that nothing can be known to be in time: give its machine a time service, or say clock.trusted: true',
    );
  if (issued === null) return refusal('no-time', 'it does not say when it was issued');
  const expires = command.expires ?? issued + validity;
  if (issued > now + CLOCK_TOLERANCE)
    return refusal('from-the-future', `it was issued at ${isoTime(issued)}, and it is ${isoTime(now)}`);
  if (expires <= now) return refusal('expired', `it expired at ${isoTime(expires)}, and it is ${isoTime(now)}`);
  if (expires < issued) return refusal('malformed', 'it expires before it is issued');
  if (expires - issued > validity) {
    return refusal('valid-too-long', `it is valid for ${expires - issued} ms, and ${validity} ms are allowed`);
  }
  return { ...command, id: command.id ?? `${issued}:${target}=${String(value)}`.slice(0, 200), issued, expires };
}

/** Whether the command is a new one; `begin` is what makes it an old one. */
export function unheard({ id, expires }: TimedCommand, destination: string, table: ReplayTable): Refusal | undefined {
  if (table.has({ destination, id })) return refusal('replayed', `${id} was carried out before`);
  if (expires <= table.floor)
    return refusal('expired', `it expired before others that are forgotten: the clock stepped back`);
  if (table.isFull) return refusal('busy', 'more commands are open than can be remembered');
  return undefined;
}
