import type { z } from 'zod';
import type { ConfigurableDriver } from './drivers.ts';
import type { Fault } from './fault.ts';
import { profileNameSchema } from './device-schema.ts';
import { suggest } from './nearest.ts';
import { findProfileFile, listProfileFiles } from './profile-folders.ts';
import { profileSchema } from './profile-schema.ts';
import { Section } from './section.ts';
import { entriesOf, isEmpty, type Tree, type TreeEntries } from './tree.ts';
import { readYaml } from './read-yaml.ts';

export type ProfileHeader = z.output<typeof profileSchema>;

/** A profile's file, its points and the driver's keys still as they were written. */
export type ProfileFile = { readonly header: ProfileHeader; readonly root: Section };

/** Reads one profile; undefined, with the reasons among `faults`, where it is not right. */
export async function readProfile(file: string, faults: Fault[]): Promise<ProfileFile | undefined> {
  const tree = await readYaml(file, faults);
  if (tree === undefined) return undefined;
  const root = new Section(tree, [], faults, tree.key);
  const header = root.parse(profileSchema);
  return header === undefined ? undefined : { header, root };
}

/** The profiles that a configuration names, each read once. */
export class ProfileCatalogue {
  readonly #folders: readonly string[];
  readonly #faults: Fault[];
  readonly #read = new Map<string, Promise<ProfileFile | undefined>>();

  constructor(folders: readonly string[], faults: Fault[]) {
    this.#folders = folders;
    this.#faults = faults;
  }

  /** The profile that `section` names; undefined after complaining where it is not one for `driver`, if that is known. */
  async named(section: Section, driver: ConfigurableDriver | undefined): Promise<ProfileFile | undefined> {
    const name = section.parse(profileNameSchema);
    if (name === undefined) return undefined;
    const file = findProfileFile(name, this.#folders);
    if (file === undefined) {
      const known = [...(await listProfileFiles(this.#folders)).keys()];
      section.complain(`there is no profile ${name}`, suggest(name, known));
      return undefined;
    }
    const reading = this.#read.get(name) ?? readProfile(file, this.#faults);
    this.#read.set(name, reading);
    const profile = await reading;
    return profile === undefined || driver === undefined || isFor(driver, profile, section) ? profile : undefined;
  }
}

function isFor(
  { driver, deviceDefaults }: ConfigurableDriver,
  { header, root }: ProfileFile,
  section: Section,
): boolean {
  if (header.driver === driver.name) return root.at('device').parse(deviceDefaults) !== undefined;
  const hint = `choose one for ${driver.name}, see \`weir profile list\``;
  section.complain(`the profile is for the driver ${header.driver}`, hint);
  return false;
}

/** `device` with what its profile says wherever it says nothing itself. */
export function applyProfile(device: Section, { root }: ProfileFile): Section {
  const defaults = entriesOf(root.at('device').tree);
  const domain = root.at('domain').tree;
  const own = entriesOf(device.tree);
  const points = device.at('points').with(mergePoints(entriesOf(root.at('points').tree), device.at('points'))).tree;
  return device.with([
    ...(domain === undefined ? [] : [['domain', domain] as const]),
    ...defaults,
    ...own,
    ...(points === undefined ? [] : [['points', points] as const]),
  ]);
}

/** The profile's points, with single keys of one overridden by name, and without those that are set to null. */
function mergePoints(base: TreeEntries, own: Section): TreeEntries {
  const points = new Map(base);
  for (const [name, tree] of entriesOf(own.tree)) {
    const inherited = base.get(name);
    if (!isEmpty(tree)) points.set(name, inherited === undefined ? tree : overlay(inherited, tree));
    else if (!points.delete(name)) {
      own.at(name).complain('the profile has no such point to remove', suggest(name, [...base.keys()]));
    }
  }
  return points;
}

/** `over`, with the entries of `base` that it lacks. */
function overlay(base: Tree, over: Tree): Tree {
  return base.kind === 'map' && over.kind === 'map'
    ? { ...over, entries: new Map([...base.entries, ...over.entries]) }
    : over;
}
