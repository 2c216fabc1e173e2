import type { Commissioning } from '../../collect/commissioning.ts';
import type { BrowsedNode } from '../../collect/driver.ts';

/** A node where it was found: `path` are the names above it and its own, `depth` counts from 0. */
export type FoundNode = BrowsedNode & { readonly path: readonly string[]; readonly depth: number };

export type WalkOptions = {
  /** Where to begin; the top when absent. */
  readonly place: string | undefined;
  /** How many levels. */
  readonly depth: number;
  /** Look into what belongs to the protocol itself, too. */
  readonly standard: boolean;
};

// Nodes that are looked at: who wants more begins further down.
const MOST_NODES = 10_000;

/** The tree below a place, each node before what lies below it. Rejects as `browse` does. */
export async function* walk(
  commissioning: Pick<Commissioning, 'browse'>,
  { place, depth, standard }: WalkOptions,
  signal: AbortSignal,
): AsyncGenerator<FoundNode> {
  const seen = new Set<string>();
  const below = async function* below(from: string | undefined, path: readonly string[]): AsyncGenerator<FoundNode> {
    for (const node of await commissioning.browse(from, signal)) {
      // A server may lead round in a circle, and to the same node on many ways.
      if (seen.has(node.place) || seen.size >= MOST_NODES) continue;
      seen.add(node.place);
      const found = { ...node, path: [...path, node.name], depth: path.length };
      yield found;
      const isOwn = standard || node.isStandard !== true;
      if (path.length + 1 < depth && isOwn) yield* below(node.place, found.path);
    }
  };
  yield* below(place, []);
}

/** Whether a node has `text` in its name, place or description; everything has the empty text. */
export function isAbout({ name, place, description = '' }: BrowsedNode, text: string): boolean {
  const wanted = text.toLowerCase();
  return [name, place, description].some((each) => each.toLowerCase().includes(wanted));
}
