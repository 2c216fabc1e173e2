import type { Recognition } from '../../src/collect/driver.ts';
import { parseFile } from './file.ts';
import { SmlFramer } from './framer.ts';
import { SmlFault } from './tree.ts';

const PATIENCE = 12_000; // milliseconds: the slowest meters send every ten seconds

/** A whole file of SML with a list, its checksums right. */
export const recognitions: readonly Recognition[] = [
  {
    line: { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 },
    patience: PATIENCE,
    recognise: (heard) => {
      const server = serverIn(Buffer.from(heard));
      return server === undefined
        ? undefined
        : {
            summary: `a meter that sends SML, server ${server}`,
            serial: { transport: 'serial' },
            network: { transport: 'tcp' },
            device: {},
          };
    },
  },
];

function serverIn(heard: Buffer): string | undefined {
  for (const piece of new SmlFramer().push(heard)) {
    if (piece.kind !== 'file') continue;
    try {
      const [list] = parseFile(piece.messages);
      if (list !== undefined) return list.server.toString('hex');
    } catch (error) {
      if (!(error instanceof SmlFault)) throw error;
    }
  }
  return undefined;
}
