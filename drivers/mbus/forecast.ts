import type { ConnectionSettings } from './connection-schema.ts';
import { timeLine } from './line-time.ts';
import type { Device, Points } from './schema.ts';
import { printSecondary } from './secondary-address.ts';

const SHORT_BYTES = 5;
const SELECTION_BYTES = 17;
const ACKNOWLEDGEMENT_BYTES = 1;
// Frame, header, and a record of so many bytes for each point: how much a meter really sends, only it knows.
const TELEGRAM_BYTES = 21;
const RECORD_BYTES = 7;
const MOST_BYTES = 261;

/** What a round asks of one meter, and how long that takes with a telegram that holds no more than the points. */
export function forecast(
  { baud }: ConnectionSettings,
  { settings: { address } }: Device,
  points: Points,
): { readonly requests: readonly string[]; readonly busTime: number } {
  if (points.length === 0) return { requests: [], busTime: 0 };
  const { bytes, gap, usualResponse } = timeLine(baud);
  const answer = TELEGRAM_BYTES + points.length * RECORD_BYTES;
  const telegrams = Math.ceil(answer / MOST_BYTES);
  const exchange = bytes(SHORT_BYTES) + usualResponse + gap;
  const selection = bytes(SELECTION_BYTES + ACKNOWLEDGEMENT_BYTES) + usualResponse + gap;
  const isPrimary = typeof address === 'number';
  const place = isPrimary ? `address ${address}` : printSecondary(address);
  return {
    requests: [...(isPrimary ? [] : [`select ${place}`]), `data of ${place} (${points.length} points)`],
    busTime: (isPrimary ? 0 : selection) + telegrams * exchange + bytes(answer),
  };
}
