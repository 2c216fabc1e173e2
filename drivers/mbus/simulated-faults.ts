import type { SimulatedFault } from '../../src/collect/driver.ts';
import { encodeFrame } from './frame.ts';

/** What goes out instead of a good answer, after how many milliseconds, and whether the far end then hangs up. */
export type Reply = { readonly bytes: readonly Buffer[]; readonly delay: number; readonly hangUp: boolean };

const SLOW = 2_000;
// No beginning of a frame, and no acknowledgement.
const NOISE = Buffer.from('fff8fdfeff', 'hex');
const RESPONSE = 0x08;
const APPLICATION_ERROR = 0x70;
const BUSY = 8;

type Spoiling = (context: {
  readonly request: Buffer;
  readonly answer: Buffer;
  readonly unit: number;
  readonly value: number | undefined;
}) => Reply;

function at(bytes: readonly Buffer[], delay = 0): Reply {
  return { bytes, delay, hangUp: false };
}

const SPOILT: Readonly<Record<SimulatedFault['kind'], Spoiling>> = {
  silent: () => at([]),
  slow: ({ answer, value }) => at([answer], value ?? SLOW),
  checksum: ({ answer }) => at([damaged(answer)]),
  exception: ({ unit, value }) =>
    at([
      encodeFrame({
        kind: 'long',
        control: RESPONSE,
        address: unit,
        information: APPLICATION_ERROR,
        data: Buffer.of(value ?? BUSY),
      }),
    ]),
  reset: ({ answer }) => ({ bytes: [answer.subarray(0, answer.length >> 1)], delay: 0, hangUp: true }),
  noise: ({ answer }) => at([NOISE, answer, NOISE]),
  echo: ({ request, answer }) => at([request, answer]),
};

/** The answer as the first fault that strikes leaves it. `chance` is from 0 up to 1. */
export function spoil(
  faults: readonly SimulatedFault[],
  context: Omit<Parameters<Spoiling>[0], 'value'>,
  chance: () => number,
): Reply {
  const { unit } = context;
  const fault = faults.find((each) => (each.unit === undefined || each.unit === unit) && chance() < each.rate);
  return fault === undefined ? at([context.answer]) : SPOILT[fault.kind]({ ...context, value: fault.value });
}

/** One bit is wrong, in the middle: what the checksum covers. */
function damaged(answer: Buffer): Buffer {
  const bytes = Buffer.from(answer);
  const place = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  return bytes;
}
