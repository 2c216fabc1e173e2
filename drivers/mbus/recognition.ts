import type { Recognition } from '../../src/collect/driver.ts';
import { encodeFrame, Framer } from './frame.ts';
import { timeLine } from './line-time.ts';
import { reset } from './requests.ts';

// By how often they are met.
const BAUDS = [2_400, 9_600, 300] as const;

const EVERYBODY = 254; // EN 13757-2, 5.7.5: all meters answer, as one where they all only acknowledge
const LENIENCE = 100; // milliseconds

/** A greeting to all meters of a line: they acknowledge at once, and so together. */
export const recognitions: readonly Recognition[] = BAUDS.map((baud) => ({
  line: { baud, parity: 'even', dataBits: 8, stopBits: 1 },
  patience: Math.ceil(timeLine(baud).longestResponse + timeLine(baud).bytes(6) + LENIENCE),
  question: encodeFrame(reset(EVERYBODY)),
  recognise: (heard) =>
    isAcknowledged(Buffer.from(heard))
      ? {
          summary: `M-Bus at ${baud} Bd: \`weir device scan\` finds its meters`,
          serial: { transport: 'serial', baud },
          network: { transport: 'tcp', baud },
          device: { address: 0 },
        }
      : undefined,
}));

/** An acknowledgement and nothing else; a converter may echo the greeting before it. */
function isAcknowledged(heard: Buffer): boolean {
  const pieces = new Framer().push(heard);
  const others = pieces.filter((piece) => piece.kind !== 'frame' || piece.frame.kind === 'long');
  const count = pieces.filter((piece) => piece.kind === 'frame' && piece.frame.kind === 'acknowledgement').length;
  return count === 1 && others.length === 0;
}
