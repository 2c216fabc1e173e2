import { randomBytes } from 'node:crypto';
import type { SimulatedDevice, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import { listenTcp, listenUdp, listenWire } from '../../src/wire/listen.ts';
import { datagramAttendant, hdlcAttendant, opticalAttendant, wrapperAttendant, type Attended } from './attendants.ts';
import { CosemServer, type ServerSettings } from './cosem-server.ts';
import { readKeys } from './keys.ts';
import { playedObjects } from './played-meter.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { freshCounters, SecureChannel } from './secure-channel.ts';

const LONGEST_ANSWER = 1_024; // bytes: so that profiles need blocks, as in a meter

/** Plays meters that are asked: through the wrapper over tcp and udp, in HDLC over `hdlc` and on serial lines, there
 * also after the sign-on of mode E. */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, PointAddress>[],
  { clock, end }: SimulationSettings,
): Promise<Simulation> {
  const origin = clock.wall() - clock.monotonic();
  const seconds = (): number => (origin + clock.monotonic()) / 1_000;
  const meters = await Promise.all(devices.map((device, index) => played(device, index, seconds)));
  const listener = await listening(end, meters);
  return { address: listener.address, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

function listening(end: SimulationSettings['end'], meters: readonly Attended[]) {
  if ('wire' in end) return listenWire(end.wire, opticalAttendant(meters));
  if (end.transport === 'hdlc') return listenTcp(end, hdlcAttendant(meters));
  if (end.transport === 'tcp') return listenTcp(end, wrapperAttendant(meters));
  if (end.transport === 'udp') return listenUdp(end, datagramAttendant(meters));
  throw new GatewayError('usage', `such meters are played over tcp, udp, hdlc or a serial line, not ${end.transport}`);
}

async function played(
  { device: { id, settings } }: SimulatedDevice<DeviceSettings, PointAddress>,
  index: number,
  seconds: () => number,
): Promise<Attended> {
  const objects = playedObjects(id, String(index + 1).padStart(8, '0'));
  const access = await accessOf(settings);
  const keys = settings.keys === undefined ? undefined : await readKeys(settings.keys, id);
  // It forgets its counters when it ends: its clients are told so by nothing but that.
  const counters = freshCounters();
  const title = Buffer.from(`WIR${String(index + 1).padStart(5, '0')}`, 'latin1');
  return {
    // Several of them are so many logical devices.
    settings: { ...settings, server: settings.server + index },
    begin: () =>
      new CosemServer({
        objects,
        access,
        seconds,
        maxPdu: LONGEST_ANSWER,
        generalBlocks: settings.generalBlocks,
        ...(keys !== undefined && { channel: new SecureChannel(title, keys, counters) }),
      }),
  };
}

async function accessOf({ association, password }: DeviceSettings): Promise<ServerSettings['access']> {
  if (association === 'hls5-gmac') return { kind: 'hls5-gmac', challenge: () => randomBytes(16) };
  if (association === 'none' || password === undefined) return { kind: 'none' };
  return { kind: 'lls', password: Buffer.from(await readSecret(password), 'latin1') };
}
