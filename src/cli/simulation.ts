import type { Driver } from '../collect/driver.ts';
import type { SimulatedDevice, SimulatedEnd, SimulatedFault, Simulation } from '../collect/simulation.ts';
import type { Keys } from '../collect/commissioning.ts';
import { loadProfile, type Profile } from '../config/profile.ts';
import { drivers } from '../drivers.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { addressKeyOf } from './device/address-key.ts';

export type SimulationRequest = {
  /** `vendor/model`; spread over the units one after the other. */
  readonly profiles: readonly string[];
  /** Where profiles are looked for, see `profileFolders`. */
  readonly folders: readonly string[];
  /** The address of the first device; the others follow. */
  readonly unit: number;
  /** How many devices; absent: one for each profile. */
  readonly units?: number | undefined;
  readonly end: SimulatedEnd;
  readonly baud?: number | undefined;
  readonly faults?: readonly SimulatedFault[];
};

/** Devices of a driver that needs no profile for them, until it is disposed. Rejects with `usage` where it does. */
export async function startUnprofiled(
  name: string,
  { unit, units = 1, end, baud, faults = [] }: Omit<SimulationRequest, 'profiles' | 'folders'>,
  clock: Clock,
): Promise<Simulation & Connecting & { readonly devices: readonly UnprofiledDevice[] }> {
  const load = Object.entries(drivers).find(([known]) => known === name)?.[1];
  const driver: Driver | undefined = await load?.();
  if (driver !== undefined && driver.simulate === undefined) throw unplayable(driver);
  if (driver?.simulate === undefined || driver.simulatesUnprofiled !== true) {
    throw new GatewayError('usage', 'name a profile; `weir profile list` shows them');
  }
  const key = addressKeyOf(driver);
  const devices = Array.from({ length: units }, (_, index) => ({
    id: `meter-${index + 1}`,
    keys: key === undefined ? {} : { [key]: unit + index },
  }));
  const played = devices.map(({ id, keys }) => ({
    device: { id, settings: driver.schemas.device.parse(keys), points: [] },
    points: new Map(),
  }));
  const { address, ...simulation } = await driver.simulate(played, { clock, end, baud, faults });
  return { address, devices, known: knownTo(driver), [Symbol.asyncDispose]: () => simulation[Symbol.asyncDispose]() };
}

function unplayable({ name }: Driver): GatewayError {
  return new GatewayError('usage', `driver ${name} has no simulator`);
}

/** `known`: those keys of a connection that the driver has. */
type Connecting = { readonly known: (keys: Keys) => Keys };

function knownTo({ schemas }: Driver): Connecting['known'] {
  return (keys) => {
    const issues = schemas.connection.safeParse(keys).error?.issues ?? [];
    const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
    return Object.fromEntries(Object.entries(keys).filter(([key]) => !unknown.includes(key)));
  };
}

/** `keys`: of the driver, as a configuration writes them. */
export type UnprofiledDevice = { readonly id: string; readonly keys: Readonly<Record<string, number>> };

export type PlayedDevice = { readonly profile: string; readonly unit: number };

/** `addressKey`: what the driver calls the address of its devices. */
type Played = Simulation &
  Connecting & {
    readonly driver: string;
    readonly devices: readonly PlayedDevice[];
    readonly addressKey: string;
  };

/** Devices played as their profiles say, until it is disposed. Rejects with `profile-invalid` or `usage`. */
export async function startSimulation(
  { profiles: names, folders, unit, units = names.length, end, baud, faults = [] }: SimulationRequest,
  clock: Clock,
): Promise<Played> {
  const profiles = await Promise.all(names.map((name) => loadProfile(name, drivers, folders)));
  const driver = await commonDriver(profiles);
  if (driver.simulate === undefined) throw unplayable(driver);
  const key = addressKeyOf(driver) ?? 'unit';
  const devices = Array.from({ length: units }, (_, index) => ({ index: index % names.length, unit: unit + index }));
  const played = devices.flatMap(({ index, unit: own }) => {
    const profile = profiles[index];
    return profile === undefined ? [] : [playedDevice(profile, driver, { [key]: own })];
  });
  const simulation = await driver.simulate(played, { clock, end, baud, faults });
  return {
    driver: driver.name,
    address: simulation.address,
    devices: devices.map(({ index, unit: own }) => ({ profile: names[index] ?? '', unit: own })),
    addressKey: key,
    known: knownTo(driver),
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

function playedDevice(
  profile: Profile,
  driver: Driver,
  place: Readonly<Record<string, number>>,
): SimulatedDevice<unknown, unknown> {
  const { device, vendor, model } = profile;
  const numbered = [...device.points.entries()];
  // Its points move by their ids: with the address in them no two devices show the same.
  const id = [device.id, ...Object.values(place)].join('-');
  return {
    device: {
      id,
      settings: driver.schemas.device.parse({ ...Object(device.settings), ...place }),
      points: numbered.map(([number, { definition, address }]) => ({
        number,
        id: `${id}/${definition.name}`,
        address,
      })),
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
          writable: definition.write !== undefined,
        },
      ]),
    ),
    identity: { vendor, model },
  };
}
