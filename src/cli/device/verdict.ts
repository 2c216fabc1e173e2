import { GatewayError } from '../../model/errors.ts';
import type { ShownReading } from '../../model/status.ts';

type Outcome = Pick<ShownReading, 'quality' | 'reason'>;

/**
 * What a read comes to, once its readings are shown: one value is enough. Throws `no-answer` or `connection-lost` where
 * nobody was reached, `nothing-read` where there is no value for other reasons.
 */
export function requireValue(name: string, readings: readonly Outcome[]): void {
  if (readings.length === 0 || readings.some(({ quality }) => quality !== 'bad')) return;
  const reasons = [...new Set(readings.map(({ reason }) => reason ?? 'no value'))];
  if (reasons.join() === 'no-answer') throw new GatewayError('no-answer', `${name} does not answer`);
  if (reasons.join() === 'not-connected') throw new GatewayError('connection-lost', `${name} is not connected`);
  throw new GatewayError('nothing-read', `${name} has given no value at all: ${reasons.join(', ')}`);
}
