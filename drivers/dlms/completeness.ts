import { GatewayError } from '../../src/model/errors.ts';
import type { SecretReference } from '../../src/model/secret.ts';
import type { Device } from './ask-session.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import type { KeyReferences } from './keys.ts';
import type { DeviceSettings } from './schema.ts';
import { framingOf } from './transport.ts';
import { endsOf, isModeE } from './way.ts';

/** How we shall prove who we are, its secret not read yet. */
export type PromisedProof =
  | { readonly kind: 'none' | 'hls5-gmac' }
  | { readonly kind: 'lls'; readonly password: SecretReference };

/** What a device says that an association needs, all of it there. */
type Complete = {
  readonly proof: PromisedProof;
  readonly naming: DeviceSettings['naming'];
  /** Absent: nothing is ciphered. */
  readonly ciphering?: { readonly keys: KeyReferences; readonly systemTitle: string };
};

/** What one of several meters sends must not be taken for another's: throws `configuration-invalid` where it would be. */
export function requireToldApart(devices: readonly Device[]): void {
  const nameless = devices.find(({ settings }) => settings.meter === undefined);
  if (devices.length < 2 || nameless === undefined) return;
  throw missing(nameless, 'several meters push over one connection: give each its system title, as `meter`');
}

/** Throws `configuration-invalid` where these devices cannot be asked over this connection. */
export function requireAskable(settings: ConnectionSettings, devices: readonly Device[]): void {
  const framing = framingOf(settings);
  if (framing === 'mbus') {
    const message = 'over M-Bus meters only push: write `mode: push`, or another framing';
    throw new GatewayError('configuration-invalid', message);
  }
  const short = devices.find(({ settings: { naming } }) => naming === 'short');
  // Their answers bear no number: only the frames of HDLC tell which request they belong to.
  if (short !== undefined && framing !== 'hdlc') throw missing(short, 'short names need the framing hdlc');
  requireAlone(settings, devices);
  if (framing === 'hdlc') for (const device of devices) endsOf({ ...device.settings, name: device.id });
  for (const device of devices) requireComplete(device);
}

/** Nothing in HDLC tells which of several meters has signed on, and at which speed. */
function requireAlone(settings: ConnectionSettings, [first, other]: readonly Device[]): void {
  if (!isModeE(settings) || first === undefined || other === undefined) return;
  throw missing(other, `with mode E a line has one meter, here ${first.id}`);
}

/** What its association needs; throws `configuration-invalid` where the device does not say all of it. */
export function requireComplete(device: Device): Complete {
  const proof = proofOf(device);
  const { keys, systemTitle, naming } = device.settings;
  if (keys === undefined) return { proof, naming };
  if (naming === 'short') throw missing(device, 'meters with short names are read without `keys`');
  if (systemTitle === undefined) throw missing(device, 'keys need a `systemTitle` of ours as well');
  return { proof, naming, ciphering: { keys, systemTitle } };
}

function proofOf(device: Device): PromisedProof {
  const { association, password, keys } = device.settings;
  if (association === 'none') return { kind: 'none' };
  if (association === 'lls') {
    if (password === undefined) throw missing(device, 'association lls needs a `password`');
    return { kind: 'lls', password };
  }
  if (keys?.authentication === undefined) {
    throw missing(device, 'association hls5-gmac needs `keys` with an encryption and an authentication key');
  }
  return { kind: 'hls5-gmac' };
}

function missing({ id }: Device, what: string): GatewayError {
  return new GatewayError('configuration-invalid', `${id}: ${what}`);
}
