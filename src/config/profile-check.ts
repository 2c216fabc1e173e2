import { resolve } from 'node:path';
import type { DriverLoaders } from './drivers.ts';
import { sortFaults, type Fault } from './fault.ts';
import { resolveProfile, type ResolvedProfile } from './profile.ts';
import type { CheckedProfile } from './profile-checked.ts';
import { isShipped } from './profile-folders.ts';
import { checkCodes, checkMeaning } from './profile-meaning.ts';
import { checkPlaces } from './profile-places.ts';
import { checkFingerprint, checkValues } from './profile-values.ts';
import { Section } from './section.ts';

/** What is wrong with a profile, and what is merely not as in those we ship. */
export type ProfileFindings = { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] };

const checks: readonly ((profile: CheckedProfile) => void)[] = [
  checkPlaces,
  ({ points }) => points.forEach(checkMeaning),
  checkCodes,
  ({ points }) => points.forEach(checkValues),
  checkFingerprint,
];

/**
 * Examines the profile in `file`. What departs from our conventions, without being wrong, is a fault in those that we
 * ship and where `strict` asks for it, else a warning.
 */
export async function checkProfile(
  file: string,
  drivers: DriverLoaders,
  { strict = false }: { readonly strict?: boolean } = {},
): Promise<ProfileFindings> {
  const path = resolve(file);
  const faults: Fault[] = [];
  const warnings: Fault[] = [];
  const resolved = await resolveProfile('vendor/model', path, drivers, faults);
  if (resolved !== undefined) {
    const checked = examine(resolved, strict || isShipped(path) ? faults : warnings);
    for (const check of checks) check(checked);
  }
  return { faults: sortFaults(faults), warnings: sortFaults(warnings) };
}

function examine({ profile, root, driver }: ResolvedProfile, oddities: Fault[]): CheckedProfile {
  const { tree, path, faults } = root;
  const advice = tree === undefined || oddities === faults ? root : new Section(tree, path, oddities, tree.key);
  const points = profile.device.points.map((settings, index) => {
    const { name } = settings.definition;
    return {
      name,
      settings,
      raw: driver.driver.describe(settings.address),
      place: profile.places[index],
      section: root.at('points', name),
      advice: advice.at('points', name),
    };
  });
  return { profile, driver, root, advice, points };
}
