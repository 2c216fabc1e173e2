import { basename } from 'node:path';
import type { Placement } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import type { DeviceSettings } from './configuration.ts';
import { deviceSchema } from './device-schema.ts';
import { defineDevice, parsePoints } from './devices.ts';
import { DriverCatalogue, type ConfigurableDriver, type DriverLoaders } from './drivers.ts';
import { faultLines, sortFaults, type Fault } from './fault.ts';
import { suggest } from './nearest.ts';
import { readProfile, type ProfileHeader } from './profile-file.ts';
import { placesOf } from './profile-place.ts';
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
  /** Where each of its points lies, in their sequence; undefined where the driver does not say. */
  readonly places: readonly (Placement | undefined)[];
  /** What devices of the model answer, to recognise them by; none where the profile says nothing of it. */
  readonly fingerprint: readonly Fingerprint[];
};

/** `address` is parsed by the driver's point schema. */
type Fingerprint = { readonly address: unknown; readonly equals: number | string | boolean };

/**
 * The profiles in `folders` (see `profileFolders`) that have all of `words` about them, and what is wrong with those
 * that cannot be listed.
 */
export async function listProfiles(
  folders: readonly string[],
  words: readonly string[] = [],
): Promise<{ readonly profiles: readonly ProfileSummary[]; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  const profiles: ProfileSummary[] = [];
  for (const [name, file] of await listProfileFiles(folders)) {
    const read = await readProfile(file, faults);
    if (read !== undefined && isAbout(words, name, read.header)) profiles.push(summarise(name, file, read.header));
  }
  return { profiles, faults: sortFaults(faults) };
}

/** Whether each word is somewhere in what people call the device, or in the names of its points. */
function isAbout(words: readonly string[], name: string, header: ProfileHeader): boolean {
  const { vendor, model, description, domain = '', driver, points } = header;
  const text = [name, vendor, model, description, domain, driver, ...Object.keys(points)].join('\n').toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
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
  const resolved = await resolveProfile(name, file, drivers, faults);
  if (resolved === undefined || faults.length > 0) throw new GatewayError('profile-invalid', faultLines(faults));
  return resolved.profile;
}

/** A profile as it was written, and what that means to its driver. */
export type ResolvedProfile = {
  readonly profile: Profile;
  readonly root: Section;
  readonly driver: ConfigurableDriver;
};

/** The profile in `file`; undefined, with the reasons among `faults`, where its keys are not right by themselves. */
export async function resolveProfile(
  name: string,
  file: string,
  drivers: DriverLoaders,
  faults: Fault[],
): Promise<ResolvedProfile | undefined> {
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
  const places = placesOf(device, driver, root.at('points'));
  return { profile: { ...summarise(name, file, header), device, places, fingerprint }, root, driver };
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
