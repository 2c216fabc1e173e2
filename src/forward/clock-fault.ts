import { isDoubtful } from '../journal/clock-state.ts';
import type { ClockState } from '../journal/journal.ts';
import { GatewayError } from '../model/errors.ts';
import { isOutOfTime } from '../wire/tls-fault.ts';

/**
 * What went wrong while connecting; where it is only that a certificate is out of its time, and nobody knows the time,
 * that is the clock's fault: `clock-unknown`. The machine's clock may say 1970.
 */
export function clockFault(error: unknown, state: ClockState): unknown {
  if (!(error instanceof GatewayError) || !isOutOfTime(error.cause) || !isDoubtful(state)) return error;
  const text = `${error.message}: the clock's fault, as this gateway does not know the time yet`;
  return new GatewayError('clock-unknown', text, { cause: error });
}
