import type { z } from 'zod';
import { checkPlan } from './check-plan.ts';
import type { ConnectionSettings, DeviceSettings, PointDefaults } from './configuration.ts';
import { deviceSchema } from './device-schema.ts';
import type { ConfigurableDriver, ConnectionDrivers } from './drivers.ts';
import { suggest } from './nearest.ts';
import { definePoint, parsePoint, type ParsedPoint } from './points.ts';
import { applyProfile, type ProfileCatalogue } from './profile-file.ts';
import type { Section } from './section.ts';

/** The keys that every device has, parsed. */
export type CommonDevice = z.output<typeof deviceSchema>;

const commonKeys: readonly string[] = Object.keys(deviceSchema.shape);

export type DeviceContext = {
  /** The connections that are right by themselves. */
  readonly connections: readonly ConnectionSettings[];
  readonly drivers: ConnectionDrivers;
  readonly profiles: ProfileCatalogue;
  /** Labels of the gateway. */
  readonly labels: Readonly<Record<string, string>>;
};

/** A device as it was written, its profile applied; and what that means, undefined where something is wrong with it. */
export type ResolvedDevice = {
  readonly id: string;
  readonly section: Section;
  readonly settings: DeviceSettings | undefined;
};

/** The devices of a configuration. */
export async function resolveDevices(devices: Section, context: DeviceContext): Promise<readonly ResolvedDevice[]> {
  const resolved: ResolvedDevice[] = [];
  for (const [id, section] of devices.byId()) {
    if (section.isMap()) resolved.push(await resolveDevice(id, section, context));
  }
  return resolved;
}

async function resolveDevice(id: string, written: Section, context: DeviceContext): Promise<ResolvedDevice> {
  const driver = driverOf(written.at('connection'), context.drivers);
  const isModelled = written.at('profile').tree !== undefined;
  const profile = isModelled ? await context.profiles.named(written.at('profile'), driver) : undefined;
  const section = profile === undefined ? written : applyProfile(written, profile);
  const common = section.filter((key) => commonKeys.includes(key)).parse(deviceSchema);
  // Without its profile a device is a fragment: whatever it lacks would be said to be missing.
  const isWhole = !isModelled || profile !== undefined;
  if (driver === undefined || !isWhole) return { id, section, settings: undefined };
  const settings = section.filter((key) => !commonKeys.includes(key)).parse(driver.device, commonKeys);
  const points = parseOwnPoints(section, driver);
  if (common === undefined || settings === undefined || points === undefined)
    return { id, section, settings: undefined };
  const labels = { ...context.labels, ...common.labels };
  const device = defineDevice(id, { ...common, labels }, { settings, points });
  return { id, section, settings: checkPlan(section, device, driver, context.connections) ? device : undefined };
}

function driverOf(connection: Section, drivers: ConnectionDrivers): ConfigurableDriver | undefined {
  const id = connection.parse(deviceSchema.shape.connection);
  if (id === undefined) return undefined;
  if (!drivers.has(id)) connection.complain(`there is no connection ${id}`, suggest(id, [...drivers.keys()]));
  return drivers.get(id);
}

/** The same as `parsePoints`, where a device may be left to say by itself what it holds. */
function parseOwnPoints(device: Section, driver: ConfigurableDriver): ParsedPoints | undefined {
  const list = device.at('points');
  return driver.driver.discovers === true && hasNoEntries(list) ? new Map() : parsePoints(list, driver);
}

function hasNoEntries({ tree }: Section): boolean {
  return tree === undefined || (tree.kind === 'map' && tree.entries.size === 0);
}

/** The points in `list` by name; undefined after complaining where there are none, or something is wrong with one. */
export function parsePoints(list: Section, driver: ConfigurableDriver): ParsedPoints | undefined {
  if (hasNoEntries(list)) {
    list.complain('are missing', 'name a profile, or write points');
    return undefined;
  }
  const written = list.byId();
  const parsed = written.map(([name, part]) => [name, parsePoint(part, driver)] as const);
  const right = parsed.flatMap(([name, point]) => (point === undefined ? [] : [[name, point] as const]));
  return right.length === written.length ? new Map(right) : undefined;
}

type ParsedPoints = ReadonlyMap<string, ParsedPoint>;

/** Puts a device together; the labels of `common` are all that its points carry. */
export function defineDevice(
  id: string,
  common: CommonDevice,
  { settings, points }: { readonly settings: unknown; readonly points: ParsedPoints },
): DeviceSettings {
  const { connection, profile, every, class: urgency, domain, labels, clockBound } = common;
  const defaults: PointDefaults = { every, class: urgency, domain, labels };
  return {
    id,
    connection,
    profile,
    settings,
    points: [...points].map(([name, point]) => definePoint(name, id, defaults, point)),
    described: points.size === 0 ? defaults : undefined,
    ...(clockBound !== undefined && { clockBound }),
  };
}
