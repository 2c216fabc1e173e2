/** How long bytes take on a serial line. */
export type LineTiming = {
  /** Milliseconds that so many bytes take. */
  readonly onLine: (bytes: number) => number;
  /** Milliseconds of silence that have to be between two frames. */
  readonly gap: number;
};

export type LineFormat = {
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
};

// MODBUS over Serial Line 1.02, 2.5.1.1: 3.5 characters, and above 19 200 Bd always 1.75 ms.
const GAP_CHARACTERS = 3.5;
const FASTEST_COUNTED = 19_200;
const SHORTEST_GAP = 1.75;

export function timeLine({ baud, dataBits, parity, stopBits }: LineFormat): LineTiming {
  const startBit = 1;
  const character = ((startBit + dataBits + (parity === 'none' ? 0 : 1) + stopBits) * 1_000) / baud;
  return {
    onLine: (bytes) => bytes * character,
    gap: baud > FASTEST_COUNTED ? SHORTEST_GAP : GAP_CHARACTERS * character,
  };
}
