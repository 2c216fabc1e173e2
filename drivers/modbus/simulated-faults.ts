import type { SimulatedFault } from '../../src/collect/driver.ts';
import type { Framing, Message } from './framing.ts';
import { exceptionTo } from './simulated-unit.ts';

/** What goes out instead of a good answer, after how many milliseconds, and whether the far end then hangs up. */
export type Reply = { readonly bytes: readonly Buffer[]; readonly delay: number; readonly hangUp: boolean };

const SLOW = 2_000;
const DEVICE_FAILURE = 4;
// No beginning of a frame in any framing: RTU units end at 247, ASCII begins with a colon.
const NOISE = Buffer.from('fff8fdfeff', 'hex');

type Spoiling = (context: {
  readonly request: Message & { readonly bytes: Buffer };
  readonly answer: Buffer;
  readonly framing: Framing;
  readonly value: number | undefined;
}) => Reply;

function at(bytes: readonly Buffer[], delay = 0): Reply {
  return { bytes, delay, hangUp: false };
}

const SPOILT: Readonly<Record<SimulatedFault['kind'], Spoiling>> = {
  silent: () => at([]),
  slow: ({ answer, value }) => at([answer], value ?? SLOW),
  checksum: ({ answer, framing }) => at([damaged(answer, framing)]),
  exception: ({ request, framing, value }) =>
    at([framing.encode({ ...request, pdu: exceptionTo(request.pdu, value ?? DEVICE_FAILURE) })]),
  reset: ({ answer }) => ({ bytes: [answer.subarray(0, answer.length >> 1)], delay: 0, hangUp: true }),
  noise: ({ answer }) => at([NOISE, answer, NOISE]),
  echo: ({ request, answer }) => at([request.bytes, answer]),
};

/** The answer as the first fault that strikes leaves it. `chance` is from 0 up to 1. */
export function spoil(
  faults: readonly SimulatedFault[],
  context: Omit<Parameters<Spoiling>[0], 'value'>,
  chance: () => number,
): Reply {
  const { unit } = context.request;
  const fault = faults.find((each) => (each.unit === undefined || each.unit === unit) && chance() < each.rate);
  return fault === undefined ? at([context.answer]) : SPOILT[fault.kind]({ ...context, value: fault.value });
}

const PROTOCOL_AT = 3; // the low byte of the protocol number, where a frame has one

/** One bit is wrong where it is noticed: in data that a checksum covers, or in the header where there is none. */
function damaged(answer: Buffer, { numbered }: Framing): Buffer {
  const bytes = Buffer.from(answer);
  const place = numbered ? PROTOCOL_AT : Math.max(0, bytes.length - 5);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  return bytes;
}
