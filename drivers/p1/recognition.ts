import type { Recognition } from '../../src/collect/driver.ts';
import { P1Framer } from './framer.ts';
import { parseTelegram } from './telegram.ts';

const PATIENCE = 12_000; // milliseconds: before DSMR 5 a meter sends every ten seconds

const LINES = [
  { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
  { baud: 9_600, dataBits: 7, parity: 'even', stopBits: 1 }, // before DSMR 4
] as const;

/** A whole telegram in the clear, its checksum right where it has one. */
export const recognitions: readonly Recognition[] = LINES.map((line) => ({
  line,
  patience: PATIENCE,
  recognise: (heard) => {
    const identification = identificationIn(Buffer.from(heard));
    if (identification === undefined) return undefined;
    const { baud, dataBits, parity } = line;
    const isUsual = line === LINES[0];
    return {
      summary: `a meter with a P1 port, ${identification}`,
      serial: { transport: 'serial', ...(!isUsual && { baud, dataBits, parity }) },
      network: { transport: 'tcp' },
      device: {},
    };
  },
}));

function identificationIn(heard: Buffer): string | undefined {
  for (const piece of new P1Framer().push(heard)) {
    if (piece.kind === 'telegram' && typeof parseTelegram(piece) !== 'string') return piece.identification;
  }
  return undefined;
}
