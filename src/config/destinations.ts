import type { TlsSettings } from '../wire/tls-settings.ts';
import type { DestinationSettings, DeviceSettings, Selection } from './configuration.ts';
import { brokerOf, destinationSchema } from './destination-schema.ts';
import { suggest } from './nearest.ts';
import { anchorPath, anchorSecret } from './references.ts';
import type { Section } from './section.ts';

/** The destinations of a configuration; relative paths begin in `folder`. */
export function parseDestinations(section: Section, folder: string): readonly DestinationSettings[] {
  const destinations = section.byId().flatMap(([name, part]): readonly DestinationSettings[] => {
    const parsed = part.parse(destinationSchema);
    if (parsed === undefined) return [];
    const { user, tls, protocol, sparkplug, senml, fiware, custom, commands, ...rest } = parsed;
    const password = user?.password === undefined ? undefined : anchorSecret(user.password, folder);
    return [
      {
        ...rest,
        name,
        protocol,
        options: { sparkplug, senml, fiware, custom },
        commands,
        user: user === undefined ? undefined : { name: user.name, password },
        tls: tls === undefined ? undefined : anchorTls(tls, folder),
      },
    ];
  });
  refuseSharedBrokers(destinations, section);
  return destinations;
}

function anchorTls({ ca, certificate, key, minimum, allowInsecure }: TlsSettings, folder: string): TlsSettings {
  return {
    ca: ca === undefined ? undefined : anchorPath(ca, folder),
    certificate: certificate === undefined ? undefined : anchorPath(certificate, folder),
    key: key === undefined ? undefined : anchorSecret(key, folder),
    minimum,
    allowInsecure,
  };
}

/** Two selections under one topic would mix their coverage: neither could be proved complete any more. */
function refuseSharedBrokers(destinations: readonly DestinationSettings[], section: Section): void {
  const owners = new Map<string, string>();
  for (const { name, url, format } of destinations) {
    const broker = brokerOf(url);
    const topics = `${broker} ${format}`; // other formats have other topics
    const owner = owners.get(topics);
    if (owner === undefined) owners.set(topics, name);
    else {
      const hint = `one broker is one destination: widen select of ${owner} instead`;
      section.at(name, 'url').complain(`${broker} is the broker of ${owner} already`, hint);
    }
  }
}

/**
 * Complains of ids that a format cannot carry side by side. Sparkplug 3.0 5.11: hosts may hold names that differ in case
 * alone for the same.
 */
export function checkNames(
  section: Section,
  destinations: readonly DestinationSettings[],
  devices: readonly DeviceSettings[],
): void {
  const points = devices.flatMap((device) => device.points.map(({ definition }) => definition.id));
  const pair = firstPair(devices.map(({ id }) => id)) ?? firstPair(points);
  if (pair === undefined) return;
  for (const { name, format } of destinations) {
    if (format !== 'sparkplug-b') continue;
    const message = `cannot tell ${pair[0]} from ${pair[1]}: Sparkplug hosts may ignore case`;
    section.at(name, 'format').complain(message, 'rename one of them');
  }
}

/** The first two that differ in case alone. */
function firstPair(ids: readonly string[]): readonly [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const id of ids) {
    const other = seen.get(id.toLowerCase());
    if (other !== undefined) return [other, id];
    seen.set(id.toLowerCase(), id);
  }
  return undefined;
}

/** Complains of selected devices and points that do not exist. */
export function checkSelections(
  section: Section,
  selecting: readonly { readonly name: string; readonly select: Selection }[],
  devices: readonly DeviceSettings[],
): void {
  const known = {
    device: devices.map(({ id }) => id),
    point: devices.flatMap(({ points }) => points.map(({ definition }) => definition.id)),
  };
  // Which points such a device has is not known before it has said so.
  const describing = devices.filter(({ described }) => described !== undefined);
  const mayDescribe = (point: string): boolean => describing.some(({ id }) => point.startsWith(`${id}/`));
  for (const { name, select } of selecting) {
    for (const key of ['device', 'point'] as const) {
      for (const [index, id] of (select[key] ?? []).entries()) {
        if (known[key].includes(id) || (key === 'point' && mayDescribe(id))) continue;
        section.at(name, 'select', key, index).complain(`there is no ${key} ${id}`, suggest(id, known[key]));
      }
    }
  }
}
