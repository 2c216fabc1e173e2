import { basename, resolve } from 'node:path';
import { GatewayError } from '../model/errors.ts';
import type { DeviceSettings } from './configuration.ts';
import { deviceSchema } from './device-schema.ts';
import { defineDevice, parsePoints } from './devices.ts';
import { DriverCatalogue, type ConfigurableDriver, type DriverLoaders } from './drivers.ts';
import { faultLines, sortFaults, type Fault } from './fault.ts';
import { suggest } from './nearest.ts';
import { readProfile, type ProfileHeader } from './profile-file.ts';
import { findProfileFile, listProfileFiles } from './profile-folders.ts';
import { fingerprintSchema } from './profile-schema.ts';
import type { Section } from './section.ts';

/** What a list of profiles shows of one. */
export type ProfileSummary = Omit<ProfileHeader, 'device' | 'points' | 'fingerprint'> & {
  /** `vendor/model`, as a device's `profile` names it. */
  readonly name: string;
  readonly file: string;
  /** How many points it has. */
  readonly points: number;
};

/** A profile that its driver has checked. */
export type Profile = ProfileSummary & {
  /** A device that has this profile and nothing else: its id is the model's part of the name, its connection empty. */
  readonly device: DeviceSettings;
  /** What devices of the model answer, to recognise them by; none where the profile says nothing of it. */
  readonly fingerprint: readonly Fingerprint[];
};

/** `address` is parsed by the driver's point schema. */
type Fingerprint = { readonly address: unknown; readonly equals: number | string | boolean };

/** All profiles in `folders` (see `profileFolders`), and what is wrong with those that cannot be listed. */
export async function listProfiles(
  folders: readonly string[],
): Promise<{ readonly profiles: readonly ProfileSummary[]; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  const profiles: ProfileSummary[] = [];
  for (const [name, file] of await listProfileFiles(folders)) {
    const read = await readProfile(file, faults);
    if (read !== undefined) profiles.push(summarise(name, file, read.header));
  }
  return { profiles, faults: sortFaults(faults) };
}

function summarise(name: string, file: string, header: ProfileHeader): ProfileSummary {
  const { device: _device, fingerprint: _fingerprint, points, ...summary } = header;
  return { ...summary, name, file, points: Object.keys(points).length };
}

/** One profile by its name, ready to be used. Throws `profile-invalid` where there is none, or it is not right. */
export async function loadProfile(name: string, drivers: DriverLoaders, folders: readonly string[]): Promise<Profile> {
  const file = findProfileFile(name, folders);
  if (file === undefined) {
    const hint = suggest(name, [...(await listProfileFiles(folders)).keys()]);
    throw new GatewayError('profile-invalid', `there is no profile ${name}; ${hint}`);
  }
  const faults: Fault[] = [];
  const profile = await resolveProfile(name, file, drivers, faults);
  if (profile === undefined || faults.length > 0) throw new GatewayError('profile-invalid', faultLines(faults));
  return profile;
}

/** Everything that is wrong with the profile in `file`. */
export async function checkProfile(file: string, drivers: DriverLoaders): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  await resolveProfile('vendor/model', resolve(file), drivers, faults);
  return sortFaults(faults);
}

async function resolveProfile(
  name: string,
  file: string,
  drivers: DriverLoaders,
  faults: Fault[],
): Promise<Profile | undefined> {
  const read = await readProfile(file, faults);
  if (read === undefined) return undefined;
  const { root, header } = read;
  const driver = await new DriverCatalogue(drivers).named(root.at('driver'));
  if (driver === undefined) return undefined;
  const settings = root.at('device').parse(driver.deviceDefaults);
  const points = parsePoints(root.at('points'), driver);
  const fingerprint = parseFingerprint(root.at('fingerprint'), driver);
  if (settings === undefined || points === undefined) return undefined;
  const common = deviceSchema.parse({ connection: '', profile: name, domain: header.domain });
  const device = defineDevice(basename(name), common, { settings, points });
  return { ...summarise(name, file, header), device, fingerprint };
}

function parseFingerprint(list: Section, { point }: ConfigurableDriver): readonly Fingerprint[] {
  const items = list.tree?.kind === 'list' ? list.tree.items : [];
  return items.flatMap((_, index) => {
    const address = list
      .at(index)
      .filter((key) => key !== 'equals')
      .parse(point, ['equals']);
    const equals = list.at(index, 'equals').parse(fingerprintSchema.shape.equals);
    return address === undefined || equals === undefined ? [] : [{ address, equals }];
  });
}
