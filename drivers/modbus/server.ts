import type { SimulatedEnd, Simulation } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { listenTcp, listenUdp, listenWire, type Attend } from '../../src/wire/listen.ts';
import { asciiFraming } from './ascii-framing.ts';
import type { Framing } from './framing.ts';
import { Responder } from './responder.ts';
import type { ResponderSettings } from './responder.ts';
import { rtuFraming } from './rtu-framing.ts';
import { tcpFraming, udpFraming } from './tcp-framing.ts';

type Behaviour = Omit<ResponderSettings, 'framing'>;

const STREAM_FRAMINGS: Readonly<Record<string, Framing>> = {
  tcp: tcpFraming,
  'rtu-over-tcp': rtuFraming,
  'ascii-over-tcp': asciiFraming,
};

/** Serves at `end`; rejects with `connection-failed` when the address is not to be had, `usage` for an unknown transport. */
export async function serve(end: SimulatedEnd, behaviour: Behaviour): Promise<Simulation> {
  const attendBy = (framing: Framing): Attend => {
    return (mouth) => {
      const responder = new Responder({ ...behaviour, framing }, mouth);
      return (bytes) => responder.received(bytes);
    };
  };
  if ('wire' in end) return listenWire(end.wire, attendBy(end.framing === 'ascii' ? asciiFraming : rtuFraming));
  if (end.transport === 'udp') return listenUdp(end, attendBy(udpFraming));
  const framing = STREAM_FRAMINGS[end.transport];
  if (framing !== undefined) return listenTcp(end, attendBy(framing));
  const known = [...Object.keys(STREAM_FRAMINGS), 'udp'].join(', ');
  throw new GatewayError('usage', `${end.transport} cannot be simulated; on the network there are ${known}`);
}
