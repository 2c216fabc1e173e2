import { z } from 'zod';
import type { Keys } from '../../collect/commissioning.ts';
import { configuredTarget, givenTarget } from '../../collect/direct.ts';
import type { DirectTarget } from '../../collect/direct-bus.ts';
import type { Driver } from '../../collect/driver.ts';
import type { Configuration, DeviceSettings } from '../../config/configuration.ts';
import { deviceSchema } from '../../config/device-schema.ts';
import { faultsError } from '../../config/fault.ts';
import type { ResolvedDevice } from '../../config/devices.ts';
import type { Section } from '../../config/section.ts';
import { entriesOf, plain } from '../../config/tree.ts';
import { drivers } from '../../drivers.ts';
import { GatewayError } from '../../model/errors.ts';
import type { PointId } from '../../model/point.ts';
import type { Context } from '../context.ts';
import { findDevice, findPoint } from '../find.ts';
import { addressKeyOf } from './address-key.ts';
import { connectionKeys, isAdHoc, keysIn, type ConnectionOptions } from './connection-options.ts';

/** A connection that a command works on: one of the configuration, or one that was named by options. */
export type NamedConnection = DirectTarget & {
  /** Undefined where the connection was named by options. */
  readonly configuration: Configuration | undefined;
  /** Its keys as a configuration writes them, that of its driver among them. */
  readonly keys: Keys;
};

/** A device that a command works on. */
export type Target = {
  /** As it was asked for. */
  readonly name: string;
  readonly connection: NamedConnection;
  /** The driver's keys of the device, as a configuration writes them. */
  readonly keys: Keys;
  /** Where it is one of the configuration. */
  readonly device: DeviceSettings | undefined;
};

type ConfiguredTarget = Target & { readonly device: DeviceSettings };

/** The connection of that id; with options that name one, `name` is its driver. Throws `usage`. */
export async function namedConnection(
  name: string,
  options: ConnectionOptions,
  context: Context,
): Promise<NamedConnection> {
  return isAdHoc(options) ? adHocConnection(name, options) : configuredConnection(name, await written(context));
}

/**
 * The device that `name` means: one of the configuration by its id, else `connection/unit`, or a connection alone, whose
 * driver then takes its default. Throws `usage`.
 */
export async function targetOf(name: string, options: ConnectionOptions, context: Context): Promise<Target> {
  const [first = '', ...rest] = name.split('/');
  const address = rest.length === 0 ? undefined : rest.join('/');
  const keys = await keysIn('--device', options.device ?? []);
  if (isAdHoc(options)) return onConnection(name, await adHocConnection(first, options), { address, keys });
  const known = await written(context);
  const device = known.configuration.devices.find(({ id }) => id === name);
  if (device === undefined) return onConnection(name, await configuredConnection(first, known), { address, keys });
  if (options.device === undefined) return targetFor(device, known);
  throw new GatewayError('usage', `--device: ${name} is configured, and taken as it is`);
}

/** A device of the configuration. Throws `usage`, naming those that there are. */
export async function configuredDevice(id: string, context: Context): Promise<ConfiguredTarget> {
  const known = await written(context);
  return targetFor(findDevice(known.configuration, id), known);
}

/**
 * The ids of points of a device, which may be named without it; undefined means all. Throws `usage` for those that it has
 * not; which points a device has that describes itself, only the device knows.
 */
export function pointsOf(device: DeviceSettings, names: readonly string[] | undefined): readonly PointId[] | undefined {
  const ids = names?.map((name) => (name.startsWith(`${device.id}/`) ? name : `${device.id}/${name}`));
  if (device.described === undefined) ids?.forEach((id) => findPoint(device, id));
  return ids;
}

/** The same for who asks one device and no other: throws `usage` where a connection has several and none is named. */
export async function addressedTarget(name: string, options: ConnectionOptions, context: Context): Promise<Target> {
  const target = await targetOf(name, options, context);
  const { connection, device, keys } = target;
  const key = addressKeyOf(connection.driver);
  if (device !== undefined || key === undefined || keys[key] !== undefined) return target;
  if (isOptional(connection.driver, key)) return target;
  throw new GatewayError('usage', `${name}: which ${key}? Write ${name}/ and its number, e.g. ${name}/1`);
}

/** A configuration, and its devices as they were written, profiles applied. */
type Written = {
  readonly configuration: Configuration;
  readonly root: Section;
  readonly devices: readonly ResolvedDevice[];
};

async function written({ configurationFile }: Context): Promise<Written> {
  const { resolveConfiguration } = await import('../../config/load.ts');
  const { configuration, root, faults, devices } = await resolveConfiguration(configurationFile, drivers, {
    secrets: 'unchecked',
  });
  if (configuration === undefined || root === undefined) throw faultsError(faults);
  return { configuration, root, devices };
}

async function configuredConnection(id: string, { configuration, root }: Written): Promise<NamedConnection> {
  const isKnown = configuration.connections.some((each) => each.id === id);
  if (!isKnown && Object.hasOwn(drivers, id)) {
    throw new GatewayError('usage', `${id} is a driver: say where, with --host or --path, or name a connection`);
  }
  const device = configuration.devices.find((each) => each.id === id);
  if (!isKnown && device !== undefined) {
    throw new GatewayError(
      'usage',
      `${id} is a device, of the connection ${device.connection}; one of its points is read by \`weir device read ${id} --point NAME\``,
    );
  }
  const keys = writtenKeys(root.at('connections', id), () => true);
  return { ...(await configuredTarget(configuration, id, drivers)), configuration, keys };
}

async function adHocConnection(driver: string, options: ConnectionOptions): Promise<NamedConnection> {
  const keys = await connectionKeys(options);
  return { ...(await givenTarget(driver, keys, drivers)), configuration: undefined, keys: { driver, ...keys } };
}

const commonKeys: readonly string[] = Object.keys(deviceSchema.shape);

async function targetFor(device: DeviceSettings, known: Written): Promise<ConfiguredTarget> {
  const { id } = device;
  const connection = await configuredConnection(device.connection, known);
  const section = known.devices.find((each) => each.id === id)?.section;
  const keys = writtenKeys(section, (key) => !commonKeys.includes(key));
  return { name: id, connection, keys, device };
}

function writtenKeys(section: Section | undefined, wanted: (key: string) => boolean): Keys {
  const entries = [...entriesOf(section?.tree)].filter(([key]) => wanted(key));
  return Object.fromEntries(entries.map(([key, tree]) => [key, plain(tree)]));
}

function onConnection(
  name: string,
  connection: NamedConnection,
  { address, keys }: { readonly address: string | undefined; readonly keys: Keys },
): Target {
  const addressed = address === undefined ? {} : addressKeys(connection, address);
  return { name, connection, keys: { ...addressed, ...keys }, device: undefined };
}

function addressKeys({ id, driver }: NamedConnection, address: string): Keys {
  const key = addressKeyOf(driver);
  if (key === undefined) {
    throw new GatewayError('usage', `${id}/${address}: over ${driver.name} a device has no address; write ${id}`);
  }
  // Digits may be a number or a name, as the driver has it; what it takes as neither is told to be a wrong number.
  const isName = !/^\d+$/.test(address) || (takes(driver, key, address) && !takes(driver, key, Number(address)));
  return { [key]: isName ? address : Number(address) };
}

/** `connection/unit` of a configured device; undefined where it has no address on its line. */
export async function addressOf(device: DeviceSettings, { connections }: Configuration): Promise<string | undefined> {
  const { driver } = await configuredTarget({ connections }, device.connection, drivers);
  const key = addressKeyOf(driver);
  const settings = z.record(z.string(), z.unknown()).safeParse(device.settings).data ?? {};
  const address = key === undefined ? undefined : settings[key];
  return typeof address === 'number' || typeof address === 'string' ? `${device.connection}/${address}` : undefined;
}

/** Whether a device without an address is one, too: whoever hears us. */
function isOptional({ schemas }: Driver, key: string): boolean {
  const { data } = schemas.device.safeParse({});
  return z.record(z.string(), z.unknown()).safeParse(data).data?.[key] === '';
}

/** Whether the driver has no objection to this key of a device. */
function takes({ schemas }: Driver, key: string, value: unknown): boolean {
  const { error } = schemas.device.safeParse({ [key]: value });
  return error === undefined || error.issues.every(({ path }) => path[0] !== key);
}
