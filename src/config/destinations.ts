import { access, constants } from 'node:fs/promises';
import { GatewayError } from '../model/errors.ts';
import type { DestinationSettings, DeviceSettings, SecretReference, TlsSettings } from './configuration.ts';
import { brokerOf, destinationSchema } from './destination-schema.ts';
import { suggest } from './nearest.ts';
import type { Section } from './section.ts';
import { anchorPath, anchorSecret, readSecret } from './secrets.ts';

/** The destinations of a configuration; relative paths begin in `folder`. */
export function parseDestinations(section: Section, folder: string): readonly DestinationSettings[] {
  const destinations = section.byId().flatMap(([name, part]): readonly DestinationSettings[] => {
    const parsed = part.parse(destinationSchema);
    if (parsed === undefined) return [];
    const { user, tls } = parsed;
    const password = user?.password === undefined ? undefined : anchorSecret(user.password, folder);
    return [
      {
        ...parsed,
        name,
        user: user === undefined ? undefined : { name: user.name, password },
        tls: tls === undefined ? undefined : anchorTls(tls, folder),
      },
    ];
  });
  refuseSharedBrokers(destinations, section);
  return destinations;
}

type WrittenTls = { readonly [Key in keyof TlsSettings]?: TlsSettings[Key] };

function anchorTls({ ca, certificate, key, minimum, allowInsecure }: WrittenTls, folder: string): TlsSettings {
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
  for (const { name, url } of destinations) {
    const broker = brokerOf(url);
    const owner = owners.get(broker);
    if (owner === undefined) owners.set(broker, name);
    else {
      const hint = `one broker is one destination: widen select of ${owner} instead`;
      section.at(name, 'url').complain(`${broker} is the broker of ${owner} already`, hint);
    }
  }
}

/** Complains of selected devices and points that do not exist. */
export function checkSelections(
  section: Section,
  destinations: readonly DestinationSettings[],
  devices: readonly DeviceSettings[],
): void {
  const known = {
    device: devices.map(({ id }) => id),
    point: devices.flatMap(({ points }) => points.map(({ definition }) => definition.id)),
  };
  // Which points such a device has is not known before it has said so.
  const describing = devices.filter(({ described }) => described !== undefined);
  const mayDescribe = (point: string): boolean => describing.some(({ id }) => point.startsWith(`${id}/`));
  for (const { name, select } of destinations) {
    for (const key of ['device', 'point'] as const) {
      for (const [index, id] of (select[key] ?? []).entries()) {
        if (known[key].includes(id) || (key === 'point' && mayDescribe(id))) continue;
        section.at(name, 'select', key, index).complain(`there is no ${key} ${id}`, suggest(id, known[key]));
      }
    }
  }
}

/** Complains of secrets and certificates that this user cannot read on this machine now. */
export async function checkReferences(section: Section, destinations: readonly DestinationSettings[]): Promise<void> {
  for (const { name, user, tls } of destinations) {
    await checkSecret(section.at(name, 'user', 'password'), user?.password);
    await checkSecret(section.at(name, 'tls', 'key'), tls?.key);
    await checkFile(section.at(name, 'tls', 'ca'), tls?.ca);
    await checkFile(section.at(name, 'tls', 'certificate'), tls?.certificate);
  }
}

async function checkSecret(section: Section, reference: SecretReference | undefined): Promise<void> {
  if (reference === undefined) return;
  try {
    await readSecret(reference);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    section.complain(error.message, 'it must be there and readable for this user only', 'secret-unavailable');
  }
}

async function checkFile(section: Section, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await access(path, constants.R_OK);
  } catch {
    section.complain(`${path} is not there or not readable`, 'name a PEM file that this user can read');
  }
}
