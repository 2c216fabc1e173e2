import { dlms } from '../../drivers/dlms/driver.ts';
import { mbus } from '../../drivers/mbus/driver.ts';
import { simulatePush } from '../../drivers/meter/push-simulation.ts';
import { encrypt } from '../../drivers/p1/cipher.ts';
import { keysOf } from '../../drivers/p1/keys.ts';
import type { Simulation } from '../../src/collect/simulation.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { SecretReference } from '../../src/model/secret.ts';
import { dlmsDevice } from './dlms-session.ts';
import { p1Telegram } from './p1-telegrams.ts';

// Meters on loopback that can be read only by whoever has their secrets.

export type KeyedMeter = AsyncDisposable & { readonly port: number };

const simulation = { end: { transport: 'tcp', host: '127.0.0.1', port: 0 }, clock: systemClock };

function listening(simulated: Simulation | undefined): KeyedMeter {
  if (simulated?.address === undefined) throw new Error('it has a simulator with an address');
  return { port: simulated.address.port, [Symbol.asyncDispose]: () => simulated[Symbol.asyncDispose]() };
}

/** A DLMS meter that wants a password in clear text, and keys where they are given. */
export async function startKeyedDlms(settings: object): Promise<KeyedMeter> {
  const device = { device: dlmsDevice({ client: 32, association: 'lls', ...settings }, []), points: new Map() };
  return listening(await dlms.simulate?.([device], simulation));
}

/** A heat meter on an M-Bus, at address 1, that encrypts what it sends. */
export async function startKeyedMbus(key: SecretReference): Promise<KeyedMeter> {
  const settings = mbus.schemas.device.parse({ address: 1, key });
  const device = { device: { id: 'heat', settings, points: [] }, points: new Map() };
  return listening(await mbus.simulate?.([device], simulation));
}

const SYSTEM_TITLE = Buffer.from('WIR\u0001\u0002\u0003\u0004\u0005', 'latin1');

/** A P1 port that sends a telegram a second, encrypted and authenticated. */
export async function startKeyedP1(key: SecretReference, authenticationKey: SecretReference): Promise<KeyedMeter> {
  const keys = await keysOf({ key, authenticationKey, verify: true });
  if (keys === undefined) throw new Error('it has keys');
  let counter = 0;
  const saying = (): Buffer => encrypt(p1Telegram(), SYSTEM_TITLE, (counter += 1), keys);
  return listening(await simulatePush(simulation, [saying], 1000));
}
