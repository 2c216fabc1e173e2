import type { SimulatedFault } from '../collect/simulation.ts';

/** What goes out instead of a good answer, after how many milliseconds, and whether the far end then hangs up. */
export type Reply = { readonly bytes: readonly Buffer[]; readonly delay: number; readonly hangUp: boolean };

/** One request to a simulated device, its good answer, and what the protocol makes of two of the faults. */
export type Exchange = {
  readonly unit: number;
  readonly request: Buffer;
  readonly answer: Buffer;
  /** The place of a byte in `answer` in which a wrong bit is noticed. */
  readonly noticed: number;
  /** The answer of a device that refuses, with the code that was asked for. */
  readonly refusal: (code: number | undefined) => Buffer;
};

const SLOW = 2_000;
// The beginning of a frame in none of our protocols: Modbus units end at 247, its ASCII begins with a colon, and M-Bus
// with 10, 68 or E5.
const NOISE = Buffer.from('fff8fdfeff', 'hex');

type Spoiling = (exchange: Exchange, value: number | undefined) => Reply;

const SPOILT: Readonly<Record<SimulatedFault['kind'], Spoiling>> = {
  silent: () => at([]),
  slow: ({ answer }, value = SLOW) => at([answer], value),
  checksum: ({ answer, noticed }) => at([damaged(answer, noticed)]),
  exception: ({ refusal }, value) => at([refusal(value)]),
  reset: ({ answer }) => ({ bytes: [answer.subarray(0, answer.length >> 1)], delay: 0, hangUp: true }),
  noise: ({ answer }) => at([NOISE, answer, NOISE]),
  echo: ({ request, answer }) => at([request, answer]),
};

/** The answer as the first fault that strikes leaves it. `chance` is from 0 up to 1. */
export function spoil(faults: readonly SimulatedFault[], exchange: Exchange, chance: () => number): Reply {
  const fault = faults.find(({ unit, rate }) => (unit === undefined || unit === exchange.unit) && chance() < rate);
  return fault === undefined ? at([exchange.answer]) : SPOILT[fault.kind](exchange, fault.value);
}

function at(bytes: readonly Buffer[], delay = 0): Reply {
  return { bytes, delay, hangUp: false };
}

function damaged(answer: Buffer, place: number): Buffer {
  const bytes = Buffer.from(answer);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  return bytes;
}
