import type { Driver, SimulatedDevice, Simulation } from '../collect/driver.ts';
import { loadProfile, type Profile } from '../config/profile.ts';
import { drivers } from '../drivers.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';

export type SimulationSettings = {
  /** `vendor/model`; one device each. */
  readonly profiles: readonly string[];
  /** Where profiles are looked for, see `profileFolders`. */
  readonly folders: readonly string[];
  /** The address of the first device; the others follow. */
  readonly unit: number;
  readonly listen: { readonly host: string; readonly port: number };
};

export type PlayedDevice = { readonly profile: string; readonly unit: number };

/** Devices played as their profiles say, until it is disposed. Rejects with `profile-invalid` or `usage`. */
export async function startSimulation(
  { profiles: names, folders, unit, listen }: SimulationSettings,
  clock: Clock,
): Promise<Simulation & { readonly driver: string; readonly devices: readonly PlayedDevice[] }> {
  const profiles = await Promise.all(names.map((name) => loadProfile(name, drivers, folders)));
  const driver = await commonDriver(profiles);
  if (driver.simulate === undefined) throw new GatewayError('usage', `driver ${driver.name} has no simulator`);
  const played = profiles.map((profile, index) => playedDevice(profile, driver, unit + index));
  const simulation = await driver.simulate(played, listen, clock);
  return {
    driver: driver.name,
    address: simulation.address,
    devices: names.map((profile, index) => ({ profile, unit: unit + index })),
    [Symbol.asyncDispose]: () => simulation[Symbol.asyncDispose](),
  };
}

async function commonDriver(profiles: readonly Profile[]): Promise<Driver> {
  const [first, ...others] = [...new Set(profiles.map(({ driver }) => driver))];
  const load = Object.entries(drivers).find(([name]) => name === first)?.[1];
  if (load === undefined || others.length > 0) {
    throw new GatewayError('usage', `one simulator speaks one protocol: choose among ${[first, ...others].join(', ')}`);
  }
  return load();
}

function playedDevice({ device }: Profile, driver: Driver, unit: number): SimulatedDevice<unknown, unknown> {
  const numbered = [...device.points.entries()];
  return {
    device: {
      id: device.id,
      settings: driver.schemas.device.parse({ ...Object(device.settings), unit }),
      points: numbered.map(([number, { definition, address }]) => ({ number, id: definition.id, address })),
    },
    points: new Map(
      numbered.map(([number, { definition, processing }]) => [
        number,
        {
          quantity: definition.quantity,
          unit: definition.unit,
          kind: definition.kind,
          scale: processing.scale,
          offset: processing.offset,
        },
      ]),
    ),
  };
}
