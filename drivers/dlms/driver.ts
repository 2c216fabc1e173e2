import { defineDriver } from '../../src/collect/driver.ts';
import type { DriverContext, ListeningSession, Session } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import { tapHiding } from '../../src/wire/trace.ts';
import { scanBauds } from '../meter/scan-bauds.ts';
import { KeptCounters } from '../meter/kept-counters.ts';
import { MeterListener } from '../meter/meter-listener.ts';
import { typeOf } from '../meter/point-schema.ts';
import { AskSession, type Device } from './ask-session.ts';
import type { ClientSettings, Proof } from './client.ts';
import { connectionSchema, type ConnectionSettings } from './connection-schema.ts';
import { readKeys } from './keys.ts';
import { PushedLine } from './pushed-line.ts';
import { PushingMeter } from './pushing-meter.ts';
import { deviceSchema, pointSchema, type DeviceSettings, type PointAddress } from './schema.ts';
import { SecureChannel } from './secure-channel.ts';
import { recognitions } from './recognition.ts';
import { simulate } from './simulate.ts';
import { framingOf, openWire, telegramsOf } from './transport.ts';
import { endsOf, isModeE, openWay } from './way.ts';

const BAUDS = [9_600, 19_200, 115_200, 4_800, 2_400, 38_400] as const; // by how often they are met

/** DLMS/COSEM: see README.md in this folder. */
export const dlms = defineDriver<ConnectionSettings, DeviceSettings, PointAddress, Session | ListeningSession>({
  name: 'dlms',
  discovers: true,
  simulatesUnprofiled: true,
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  recognitions,
  // In mode E the sign-on agrees on a speed.
  scanSettings: (connection, range) =>
    scanBauds(connection, isModeE(connection) ? {} : range, { usual: BAUDS, format: '8N1' }),
  simulate,
  // What a meter has pushed by itself is not known to be anything that could be set.
  describe: (address) => ({
    type: typeOf(address),
    writable: address.object !== undefined || address.type === undefined,
  }),
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

/** What one of several meters sends must not be taken for another's. */
function requireToldApart(devices: readonly Device[]): void {
  const nameless = devices.find(({ settings }) => settings.meter === undefined);
  if (devices.length < 2 || nameless === undefined) return;
  const message = `${nameless.id}: several meters push over one connection: give each its system title, as \`meter\``;
  throw new GatewayError('configuration-invalid', message);
}

async function openAsk(
  settings: ConnectionSettings,
  devices: readonly Device[],
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  const framing = framingOf(settings);
  if (framing === 'mbus') {
    const message = `${context.connection}: over M-Bus meters only push: write \`mode: push\`, or another framing`;
    throw new GatewayError('configuration-invalid', message);
  }
  const short = devices.find(({ settings: { naming } }) => naming === 'short');
  // Their answers bear no number: only the frames of HDLC tell which request they belong to.
  if (short !== undefined && framing !== 'hdlc') throw missing(short, 'short names need the framing hdlc');
  requireAlone(settings, devices);
  if (framing === 'hdlc') for (const device of devices) endsOf({ ...device.settings, name: device.id });
  const passwords = new Set<Buffer>();
  const clientFor = async (device: Device): Promise<ClientSettings> => {
    const client = await clientOf(device, context);
    if (client.proof.kind === 'lls') passwords.add(client.proof.password);
    return client;
  };
  // What is missing is told before anything is sent.
  const clients = new Map(
    await Promise.all(devices.map(async (device) => [device.settings, await clientFor(device)] as const)),
  );
  const shown = { ...context, tap: tapHiding(context.tap, passwords) };
  const reopen = (aborted: AbortSignal) => openWay(settings, shown, aborted);
  const means = { reopen, clientOf: async (device: Device) => clients.get(device.settings) ?? clientFor(device) };
  return new AskSession(await reopen(signal), means, context);
}

/** Nothing in HDLC tells which of several meters has signed on, and at which speed. */
function requireAlone(settings: ConnectionSettings, [first, other]: readonly Device[]): void {
  if (!isModeE(settings) || first === undefined || other === undefined) return;
  throw new GatewayError('configuration-invalid', `${other.id}: with mode E a line has one meter, here ${first.id}`);
}

async function clientOf(device: Device, { state, clock }: DriverContext): Promise<ClientSettings> {
  const proof = await proofOf(device);
  const { keys: references, systemTitle, naming, generalBlocks, dedicatedKey: dedicated } = device.settings;
  if (references === undefined) return { name: device.id, proof, naming, generalBlocks };
  if (naming === 'short') throw missing(device, 'meters with short names are read without `keys`');
  if (systemTitle === undefined) throw missing(device, 'keys need a `systemTitle` of ours as well');
  const keys = await readKeys(references, device.id);
  const owner = { protocol: 'dlms', device: device.id, title: systemTitle } as const;
  const counters = new KeptCounters(state, owner, keys.encryption, () => clock.monotonic());
  const channel = new SecureChannel(Buffer.from(systemTitle, 'hex'), keys, counters);
  return { name: device.id, proof, generalBlocks, dedicated, channel };
}

async function proofOf(device: Device): Promise<Proof> {
  const { association, password, keys } = device.settings;
  if (association === 'none') return { kind: 'none' };
  if (association === 'lls') {
    if (password === undefined) throw missing(device, 'association lls needs a `password`');
    return { kind: 'lls', password: Buffer.from(await readSecret(password), 'latin1') };
  }
  if (keys?.authentication === undefined) {
    throw missing(device, 'association hls5-gmac needs `keys` with an encryption and an authentication key');
  }
  return { kind: 'hls5-gmac' };
}

function missing({ id }: Device, what: string): GatewayError {
  return new GatewayError('configuration-invalid', `${id}: ${what}`);
}
