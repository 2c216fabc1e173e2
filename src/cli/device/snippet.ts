import type { Keys } from '../../collect/commissioning.ts';
import type { Driver } from '../../collect/driver.ts';
import type { NamedConnection } from './target.ts';

/** A part of a configuration that can be pasted into one. */
export type Snippet = {
  readonly connections?: Readonly<Record<string, Keys>>;
  readonly devices: Readonly<Record<string, Keys>>;
};

/** A device that answered; `changed` are the keys of its connection that differ from what was asked with. */
export type FoundDevice = {
  readonly device: Keys;
  readonly changed?: Keys | undefined;
  readonly profile?: string | undefined;
};

/** What a configuration needs to read these devices of `connection`; the ids are only proposals. */
export function snippetFor(connection: NamedConnection, found: readonly FoundDevice[]): Snippet {
  const isConfigured = connection.configuration !== undefined;
  const lines = Map.groupBy(found, ({ changed = {} }) => JSON.stringify(changed));
  const named = [...lines.values()].map((group, index) => {
    const changed = group[0]?.changed ?? {};
    const suffix = lines.size > 1 ? `-${index + 1}` : '';
    const id = isConfigured ? connection.id : `${proposedId(connection.keys)}${suffix}`;
    return { id, changed, group, suffix };
  });
  const connections = named.filter(({ changed }) => !isConfigured || Object.keys(changed).length > 0);
  const devices = named.flatMap(({ id, group, suffix }) =>
    group.map((each) => [deviceId(each.device) + suffix, deviceEntry(id, each, connection.driver)] as const),
  );
  return {
    ...(connections.length > 0 && {
      connections: Object.fromEntries(
        connections.map(({ id, changed }) => [id, { ...(isConfigured ? {} : connection.keys), ...changed }]),
      ),
    }),
    devices: Object.fromEntries(devices),
  };
}

/** `serial`, or the host with hyphens: something to be replaced by the name of a place. */
function proposedId(keys: Keys): string {
  const { host } = keys;
  const id = typeof host === 'string' ? host.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') : '';
  return id === '' ? 'bus' : `at-${id}`;
}

/** `unit-3` of `{ unit: 3 }`; `device` where it has no address. */
function deviceId(device: Keys): string {
  const id = Object.entries(device)
    .map(([key, value]) => `${key}-${String(value)}`)
    .join('-')
    .replace(/[^A-Za-z0-9._-]+/g, '-');
  return id === '' ? 'device' : id;
}

function deviceEntry(connection: string, { device, profile }: FoundDevice, driver: Driver): Keys {
  return { connection, ...device, ...(profile !== undefined && { profile }), every: periodFor(driver) };
}

/** How often a device should be read of which nothing more is known. */
export function periodFor({ proposedPeriod = '10s' }: Pick<Driver, 'proposedPeriod'>): string {
  return proposedPeriod;
}

/** The snippet as YAML, a connection or device on each line. */
export async function snippetText(snippet: Snippet): Promise<string> {
  const { stringify } = await import('yaml');
  const line = ([id, keys]: readonly [string, Keys]): string =>
    `  ${id}: ${stringify(keys, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`;
  return Object.entries(snippet)
    .flatMap(([section, entries]) => [`${section}:`, ...Object.entries(entries).map(line)])
    .join('\n');
}
