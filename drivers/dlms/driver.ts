import { defineDriver } from '../../src/collect/driver.ts';
import type { DriverContext, ListeningSession, Session } from '../../src/collect/driver.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import { tapHiding } from '../../src/wire/trace.ts';
import { aesKeyFault } from '../meter/aes-key.ts';
import { scanBauds } from '../meter/scan-bauds.ts';
import { KeptCounters } from '../meter/kept-counters.ts';
import { costingOneMeter } from '../meter/lost-secret.ts';
import { MeterListener } from '../meter/meter-listener.ts';
import { typeOf } from '../meter/point-schema.ts';
import { AskSession, type Device } from './ask-session.ts';
import type { ClientSettings, Proof } from './client.ts';
import { requireAskable, requireComplete, requireToldApart, type PromisedProof } from './completeness.ts';
import { connectionSchema, type ConnectionSettings } from './connection-schema.ts';
import { readKeys } from './keys.ts';
import { PushedLine } from './pushed-line.ts';
import { PushingMeter } from './pushing-meter.ts';
import { deviceSchema, pointSchema, type DeviceSettings, type PointAddress } from './schema.ts';
import { SecureChannel } from './secure-channel.ts';
import { recognitions } from './recognition.ts';
import { simulate } from './simulate.ts';
import { openWire, telegramsOf } from './transport.ts';
import { isModeE, openWay } from './way.ts';

const BAUDS = [9_600, 19_200, 115_200, 4_800, 2_400, 38_400] as const; // by how often they are met

/** DLMS/COSEM: see README.md in this folder. */
export const dlms = defineDriver<ConnectionSettings, DeviceSettings, PointAddress, Session | ListeningSession>({
  name: 'dlms',
  discovers: true,
  simulatesUnprofiled: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  recognitions,
  proposedPeriod: '1m', // an association and its scalers over a line of 9600 Bd
  // In mode E the sign-on agrees on a speed.
  scanSettings: (connection, range) =>
    scanBauds(connection, isModeE(connection) ? {} : range, { usual: BAUDS, format: '8N1' }),
  simulate,
  // What a meter has pushed by itself is not known to be anything that could be set.
  describe: (address) => ({
    type: typeOf(address),
    writable: address.object !== undefined || address.type === undefined,
  }),
  check: (connection, devices) =>
    connection.mode === 'push' ? requireToldApart(devices) : requireAskable(connection, devices),
  secretFault: (path, secret) => (path[0] === 'keys' ? aesKeyFault(secret) : undefined),
  open: (connection, devices, context, signal) =>
    connection.mode === 'push'
      ? openPush(connection, devices, context, signal)
      : openAsk(connection, devices, context, signal),
});

async function openPush(
  settings: ConnectionSettings,
  devices: readonly Device[],
  context: DriverContext,
  signal: AbortSignal,
): Promise<ListeningSession> {
  requireToldApart(devices);
  const meters = await Promise.all(devices.map((device) => pushingMeter(device, context)));
  const line = new PushedLine(telegramsOf(settings), meters, context);
  const wire = await openWire(settings, context.clock, signal);
  return new MeterListener(
    wire,
    (bytes) => line.hear(bytes),
    () => context.observe('late-frame', undefined, 'a telegram waited too long and was dropped'),
    async () => void (await Promise.all(meters.map((meter) => meter.keep()))),
  );
}

async function pushingMeter(device: Device, { state, clock }: DriverContext): Promise<PushingMeter> {
  const { keys: references } = device.settings;
  if (references === undefined) return new PushingMeter(device, undefined);
  const keys = await readKeys(references, device.id);
  return new PushingMeter(device, {
    keys,
    counters: new KeptCounters(state, { protocol: 'dlms', device: device.id }, keys.encryption, () =>
      clock.monotonic(),
    ),
  });
}

async function openAsk(
  settings: ConnectionSettings,
  devices: readonly Device[],
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  requireAskable(settings, devices);
  const passwords = new Set<Buffer>();
  const clients = new WeakMap<DeviceSettings, ClientSettings>();
  const clientFor = async (device: Device): Promise<ClientSettings> => {
    const client = clients.get(device.settings) ?? (await costingOneMeter(clientOf(device, context)));
    clients.set(device.settings, client);
    if (client.proof.kind === 'lls') passwords.add(client.proof.password);
    return client;
  };
  const shown = { ...context, tap: tapHiding(context.tap, passwords) };
  const reopen = (aborted: AbortSignal) => openWay(settings, shown, aborted);
  return new AskSession(await reopen(signal), { reopen, clientOf: clientFor }, context);
}

async function clientOf(device: Device, { state, clock }: DriverContext): Promise<ClientSettings> {
  const { generalBlocks, dedicatedKey: dedicated } = device.settings;
  const { proof, ciphering, naming } = requireComplete(device);
  const proved = await provedBy(proof);
  if (ciphering === undefined) return { name: device.id, proof: proved, naming, generalBlocks };
  const keys = await readKeys(ciphering.keys, device.id);
  const owner = { protocol: 'dlms', device: device.id, title: ciphering.systemTitle } as const;
  const counters = new KeptCounters(state, owner, keys.encryption, () => clock.monotonic());
  const channel = new SecureChannel(Buffer.from(ciphering.systemTitle, 'hex'), keys, counters);
  return { name: device.id, proof: proved, generalBlocks, dedicated, channel };
}

async function provedBy(proof: PromisedProof): Promise<Proof> {
  if (proof.kind !== 'lls') return proof;
  return { kind: 'lls', password: Buffer.from(await readSecret(proof.password), 'latin1') };
}
