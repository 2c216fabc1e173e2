import type { SimulatedDevice, SimulatedFault, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { listenTcp, listenUdp, listenWire, type Attend, type Mouth } from '../../src/wire/listen.ts';
import { spoil, type Reply } from '../../src/wire/spoilt-answers.ts';
import { encodeFrame, Framer, type Frame } from './frame.ts';
import { readKey } from './keys.ts';
import { overlap } from './overlap.ts';
import { PlayedLine } from './played-line.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { simulatedMeter } from './simulated-meter.ts';
import type { Station } from './station.ts';
import { withUsualPoints } from './usual-meter.ts';

/** Plays meters on one line, behind a level converter on the network or a serial port. */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, PointAddress>[],
  { clock, end, baud, faults = [] }: SimulationSettings,
): Promise<Simulation> {
  const now = (): number => clock.wall() / 1_000;
  const stations = await Promise.all(
    devices.map(async (device) => {
      const key = await readKey(device.device);
      return simulatedMeter(withUsualPoints(device), { key, now });
    }),
  );
  const line = baud === undefined ? undefined : new PlayedLine(baud, clock);
  const attend: Attend = (mouth) => {
    const framer = new Framer();
    return (bytes) => {
      for (const piece of framer.push(bytes)) {
        if (piece.kind !== 'frame') continue;
        const reply = replyTo(piece.frame, { stations, faults, request: piece.bytes });
        const length = reply.bytes.reduce((sum, part) => sum + part.length, 0);
        const { first, last } = line?.occupy(piece.bytes.length, length) ?? { first: 0, last: 0 };
        if (last + reply.delay === 0) say(reply, mouth);
        else {
          for (const { share, ...part } of inPieces(reply)) {
            clock.after(first + (last - first) * share + reply.delay, () => say(part, mouth));
          }
        }
      }
    };
  };
  if ('wire' in end) return listenWire(end.wire, attend);
  if (end.transport === 'udp') return listenUdp(end, attend);
  if (end.transport === 'tcp') return listenTcp(end, attend);
  throw new GatewayError('usage', `${end.transport} cannot be simulated; on the network there are tcp and udp`);
}

function say({ bytes, hangUp }: Reply, mouth: Mouth): void {
  for (const part of bytes) mouth.send(part);
  if (hangUp) mouth.hangUp();
}

// Bytes that are said at once: half a second of a line at 300 Bd.
const PIECE = 14;

/**
 * An answer as a line brings it: the first byte, for which whoever asked waits, and the rest in pieces, so that a long one
 * is not taken for one that was broken off. `share` is how much of the time between first and last byte has gone by then.
 */
function inPieces(reply: Reply): readonly (Reply & { readonly share: number })[] {
  const said = Buffer.concat(reply.bytes);
  const afterFirst = said.length - 1;
  if (afterFirst < 1) return [{ ...reply, share: 1 }];
  const ends = Array.from({ length: Math.ceil(afterFirst / PIECE) }, (_, at) => Math.min((at + 1) * PIECE, afterFirst));
  return [0, ...ends].map((end, at, all) => ({
    ...reply,
    bytes: [said.subarray(at === 0 ? 0 : (all[at - 1] ?? 0) + 1, end + 1)],
    hangUp: reply.hangUp && end === afterFirst,
    share: end / afterFirst,
  }));
}

const SILENCE: Reply = { bytes: [], delay: 0, hangUp: false };

type Situation = {
  readonly stations: readonly Station[];
  readonly faults: readonly SimulatedFault[];
  readonly request: Buffer;
};

function replyTo(frame: Frame, { stations, faults, request }: Situation): Reply {
  const answers = stations.flatMap((station) => {
    const answer = station.answer(frame);
    return answer === undefined ? [] : [{ station, bytes: encodeFrame(answer) }];
  });
  const [first] = answers;
  if (first === undefined) return SILENCE;
  const answer = overlap(answers.map(({ bytes }) => bytes));
  const { address } = first.station;
  // In the middle is what the checksum covers.
  const exchange = { unit: address, request, answer, noticed: answer.length >> 1, refusal: refusalOf(address) };
  return spoil(faults, exchange, Math.random);
}

const RESPONSE = 0x08;
const APPLICATION_ERROR = 0x70;
const BUSY = 8;

/** The station's report of an application error. */
function refusalOf(address: number): (code?: number) => Buffer {
  return (code = BUSY) =>
    encodeFrame({
      kind: 'long',
      control: RESPONSE,
      address,
      information: APPLICATION_ERROR,
      data: Buffer.of(code),
    });
}
