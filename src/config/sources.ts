import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatPlace, type Fault } from './fault.ts';
import { Section } from './section.ts';
import { isEmpty, type Tree } from './tree.ts';
import { readYaml, unreadableFault } from './read-yaml.ts';

/**
 * Reads a configuration and its fragments, `weir.d/*.yaml` beside it in the order of their names, as one document.
 * What a fragment adds to a section must not be in another file yet. Undefined where the main file cannot be read.
 */
export async function readSources(file: string, faults: Fault[]): Promise<Section | undefined> {
  const main = await readYaml(file, faults);
  if (main === undefined || !isDocument(main, faults)) return undefined;
  const fragments = await Promise.all((await listFragments(file, faults)).map((path) => readYaml(path, faults)));
  const trees = [main, ...fragments.flatMap((tree) => (tree !== undefined && isDocument(tree, faults) ? [tree] : []))];
  const root = new Section(undefined, [], faults, main.key);
  if (trees.every(isBlank)) {
    root.complain('is empty', 'begin with gateway: { id: … }, as in config/weir.example.yaml');
    return undefined;
  }
  return root.with(merge(trees, root));
}

async function listFragments(file: string, faults: Fault[]): Promise<readonly string[]> {
  const folder = join(dirname(file), 'weir.d');
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml') && !name.startsWith('.'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []; // fragments are optional
    faults.push(unreadableFault(folder, error));
    return [];
  }
}

function isDocument(tree: Tree, faults: Fault[]): boolean {
  if (tree.kind === 'map') return true;
  new Section(tree, [], faults, tree.place).complain('is not a map of keys', 'begin with gateway: { id: … }');
  return false;
}

function isBlank(tree: Tree): boolean {
  return tree.kind === 'map' && tree.entries.size === 0;
}

/** The sections of all files; their entries are merged, one by one. */
function merge(trees: readonly Tree[], root: Section): ReadonlyMap<string, Tree> {
  const sections = new Map<string, Tree>();
  for (const tree of trees) {
    if (tree.kind !== 'map') continue;
    for (const [name, added] of tree.entries) {
      if (isEmpty(added)) continue; // `devices:` with every line below it commented out
      const earlier = sections.get(name);
      sections.set(name, earlier === undefined ? added : mergeSection(earlier, added, root.at(name)));
    }
  }
  return sections;
}

function mergeSection(earlier: Tree, added: Tree, section: Section): Tree {
  if (earlier.kind !== 'map' || added.kind !== 'map') {
    complainOfTwice(earlier, added, section);
    return earlier;
  }
  const entries = new Map(earlier.entries);
  for (const [key, tree] of added.entries) {
    const other = entries.get(key);
    if (other === undefined) entries.set(key, tree);
    else complainOfTwice(other, tree, section.at(key));
  }
  return { ...earlier, entries };
}

function complainOfTwice(earlier: Tree, added: Tree, section: Section): void {
  new Section(added, section.path, section.faults, added.key).complainOfKey(
    `is already at ${formatPlace(earlier.key)}`,
    'an id or key stands once in all files: rename or remove one of the two',
  );
}
