import { z } from 'zod';
import type { Driver } from '../collect/driver.ts';
import type { ConnectionSettings } from './configuration.ts';
import { connectionSchema } from './connection-schema.ts';
import { suggest } from './nearest.ts';
import type { Section } from './section.ts';

/** Loaders of drivers by name; only those that a configuration names are called. */
export type DriverLoaders = Readonly<Record<string, () => Promise<Driver>>>;

/** A driver with its schemas as a configuration uses them: what they do not know is an error. */
export type ConfigurableDriver = {
  readonly driver: Driver;
  readonly connection: z.ZodType;
  readonly device: z.ZodObject;
  /** The same with nothing required: what a profile says of a device. */
  readonly deviceDefaults: z.ZodType;
  readonly point: z.ZodObject;
};

/** Loads each driver once. */
export class DriverCatalogue {
  readonly #loaders: DriverLoaders;
  readonly #loaded = new Map<string, Promise<ConfigurableDriver>>();

  constructor(loaders: DriverLoaders) {
    this.#loaders = loaders;
  }

  get names(): readonly string[] {
    return Object.keys(this.#loaders);
  }

  /** Every driver, loaded or not yet. */
  async all(): Promise<readonly ConfigurableDriver[]> {
    return Promise.all(Object.entries(this.#loaders).map(([name, load]) => this.#once(name, load)));
  }

  /** The driver that `section` names; undefined after complaining where there is none. */
  async named(section: Section): Promise<ConfigurableDriver | undefined> {
    const name = section.parse(connectionSchema.shape.driver);
    if (name === undefined) return undefined;
    const load = Object.hasOwn(this.#loaders, name) ? this.#loaders[name] : undefined;
    if (load === undefined) {
      section.complain(`there is no driver ${name}`, suggest(name, this.names));
      return undefined;
    }
    return this.#once(name, load);
  }

  #once(name: string, load: () => Promise<Driver>): Promise<ConfigurableDriver> {
    const loaded = this.#loaded.get(name) ?? load().then(configurable);
    this.#loaded.set(name, loaded);
    return loaded;
  }
}

export function configurable(driver: Driver): ConfigurableDriver {
  const { connection, device, point } = driver.schemas;
  return {
    driver,
    connection: connection instanceof z.ZodObject ? connection.strict() : connection,
    device: device.strict(),
    deviceDefaults: z
      .strictObject(Object.fromEntries(Object.entries(device.shape).map(([key, schema]) => [key, z.optional(schema)])))
      .prefault({}),
    point: point.strict(),
  };
}

/** The driver of each connection; undefined for one whose driver is not known, so that its devices need not say so again. */
export type ConnectionDrivers = ReadonlyMap<string, ConfigurableDriver | undefined>;

/** The connections of a configuration, and their drivers. */
export async function parseConnections(
  section: Section,
  catalogue: DriverCatalogue,
): Promise<{ readonly connections: readonly ConnectionSettings[]; readonly drivers: ConnectionDrivers }> {
  const connections: ConnectionSettings[] = [];
  const drivers = new Map<string, ConfigurableDriver | undefined>();
  for (const [id, part] of section.byId()) {
    const driver = part.isMap() ? await catalogue.named(part.at('driver')) : undefined;
    drivers.set(id, driver);
    if (driver === undefined) continue;
    const settings = part.filter((key) => key !== 'driver').parse(driver.connection, ['driver']);
    if (settings !== undefined) connections.push({ id, driver: driver.driver.name, settings });
  }
  return { connections, drivers };
}
