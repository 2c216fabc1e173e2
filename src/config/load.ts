import { dirname, join, resolve } from 'node:path';
import type { Driver } from '../collect/driver.ts';
import { checkConnection } from './check-connection.ts';
import { checkCommands } from './commands.ts';
import type { Configuration } from './configuration.ts';
import { checkNames, checkSelections, parseDestinations } from './destinations.ts';
import { resolveDevices, type ResolvedDevice } from './devices.ts';
import { DriverCatalogue, parseConnections, type ConnectionDrivers, type DriverLoaders } from './drivers.ts';
import { faultsError, sortFaults, type Fault } from './fault.ts';
import { suggest } from './nearest.ts';
import { ProfileCatalogue } from './profile-file.ts';
import { profileFolders } from './profile-folders.ts';
import { anchorPath, anchorReferences, checkReferences } from './references.ts';
import {
  INSTALLED_JOURNAL,
  MAX_SOCKET_PATH,
  auditSchema,
  clockSchema,
  controlSchema,
  gatewaySchema,
  journalSchema,
} from './schema.ts';
import type { Section } from './section.ts';
import { parseServers } from './servers.ts';
import { readSources } from './sources.ts';
import { entriesOf } from './tree.ts';

export type LoadOptions = {
  /**
   * Whether secrets and certificates must be readable by this user now. The daemon needs them; an operator who only
   * asks for the daemon's socket neither needs them nor may read them. Default `checked`.
   */
  readonly secrets?: 'checked' | 'unchecked';
};

export type CheckedConfiguration = {
  /** Undefined when anything is wrong. */
  readonly configuration: Configuration | undefined;
  readonly faults: readonly Fault[];
};

/**
 * Reads a configuration with its fragments and profiles. Throws `configuration-unreadable`, `configuration-invalid` or
 * `secret-unavailable`, its message naming every fault on a line of its own.
 */
export async function loadConfiguration(
  file: string,
  drivers: DriverLoaders,
  options?: LoadOptions,
): Promise<Configuration> {
  const { configuration, faults } = await checkConfiguration(file, drivers, options);
  if (configuration === undefined) throw faultsError(faults);
  return configuration;
}

/** The same for whoever wants the faults one by one; never throws for what a configuration says. */
export async function checkConfiguration(
  file: string,
  drivers: DriverLoaders,
  options: LoadOptions = {},
): Promise<CheckedConfiguration> {
  const { configuration, faults } = await resolveConfiguration(file, drivers, options);
  return { configuration, faults };
}

/** What a configuration means, and what it said once fragments were merged and profiles applied. */
export type ResolvedConfiguration = CheckedConfiguration & {
  readonly root: Section | undefined;
  readonly devices: readonly ResolvedDevice[];
  readonly drivers: ConnectionDrivers;
};

export async function resolveConfiguration(
  file: string,
  drivers: DriverLoaders,
  { secrets = 'checked' }: LoadOptions,
): Promise<ResolvedConfiguration> {
  const path = resolve(file);
  const faults: Fault[] = [];
  const root = await readSources(path, faults);
  if (root === undefined)
    return { configuration: undefined, faults: sortFaults(faults), root, devices: [], drivers: new Map() };
  refuseUnknownSections(root);
  const folder = dirname(path);
  const general = parseGeneral(root, folder);
  const parsed = await parseConnections(root.at('connections'), new DriverCatalogue(drivers));
  const connections = anchored(parsed.connections, folder);
  const connectionDrivers = parsed.drivers;
  const profiles = new ProfileCatalogue(profileFolders(path), faults);
  const labels = general?.gateway.labels ?? {};
  const context = { connections, drivers: connectionDrivers, profiles, labels };
  const devices = await resolveDevices(root.at('devices'), context);
  const settings = anchored(
    devices.flatMap((device) => device.settings ?? []),
    folder,
  );
  const destinations = parseDestinations(root.at('destinations'), folder);
  const servers = parseServers(root.at('servers'), folder);
  if (settings.length === devices.length) {
    checkSelections(root.at('destinations'), destinations, settings);
    checkSelections(root.at('servers'), servers, settings);
    checkCommands(root.at('destinations'), destinations, settings);
  }
  checkNames(root.at('destinations'), destinations, settings);
  const driverOf = (connection: string): Driver | undefined => connectionDrivers.get(connection)?.driver;
  for (const connection of connections) checkConnection(root, connection, { driver: driverOf(connection.id), devices });
  if (secrets === 'checked') {
    await checkAllReferences(root, { connections, devices: settings, destinations, servers }, driverOf);
  }
  const configuration =
    faults.length > 0 || general === undefined
      ? undefined
      : { file: path, ...general, connections, devices: settings, destinations, servers };
  return { configuration, faults: sortFaults(faults), root, devices, drivers: connectionDrivers };
}

/** The same, what the settings refer to named by absolute paths. */
function anchored<T extends { readonly settings: unknown }>(parts: readonly T[], folder: string): readonly T[] {
  return parts.map((part) => ({ ...part, settings: anchorReferences(part.settings, folder) }));
}

async function checkAllReferences(
  root: Section,
  { connections, devices, destinations, servers }: Omit<Configuration, keyof General | 'file'>,
  driverOf: (connection: string) => Driver | undefined,
): Promise<void> {
  for (const { id, settings } of connections) {
    await checkReferences(root.at('connections', id), settings, driverOf(id));
  }
  for (const { id, connection, settings } of devices) {
    await checkReferences(root.at('devices', id), settings, driverOf(connection));
  }
  for (const destination of destinations) {
    await checkReferences(root.at('destinations', destination.name), destination);
  }
  for (const server of servers) await checkReferences(root.at('servers', server.name), server);
}

const sections = [
  'gateway',
  'journal',
  'clock',
  'control',
  'audit',
  'connections',
  'devices',
  'destinations',
  'servers',
];

function refuseUnknownSections(root: Section): void {
  for (const name of entriesOf(root.tree).keys()) {
    if (!sections.includes(name)) root.at(name).complainOfKey('is no known key', suggest(name, sections));
  }
}

type General = Pick<Configuration, 'gateway' | 'journal' | 'clock' | 'control' | 'audit'>;

/** What concerns the gateway as a whole; relative paths begin in `folder`. */
function parseGeneral(root: Section, folder: string): General | undefined {
  const gateway = root.at('gateway').parse(gatewaySchema);
  const journal = root.at('journal').parse(journalSchema);
  const clock = root.at('clock').parse(clockSchema);
  const control = root.at('control').parse(controlSchema);
  const audit = root.at('audit').parse(auditSchema);
  if (gateway === undefined || journal === undefined || clock === undefined) return undefined;
  if (control === undefined || audit === undefined) return undefined;
  const path = anchorPath(journal.path, folder);
  const socket = control.socket === undefined ? defaultSocket(path) : anchorPath(control.socket, folder);
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    const hint = `name a path of at most ${MAX_SOCKET_PATH} bytes`;
    root.at('control', 'socket').complain(`${socket} is too long for a socket`, hint);
  }
  const log = audit.path === undefined ? join(path, 'audit.log') : anchorPath(audit.path, folder);
  return { gateway, journal: { ...journal, path }, clock, control: { socket }, audit: { ...audit, path: log } };
}

function defaultSocket(journal: string): string {
  return journal === INSTALLED_JOURNAL ? '/run/weir/control.sock' : join(journal, 'control.sock');
}
