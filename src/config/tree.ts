/** Where something stands; line and column count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

/** Integers that a double would round stay bigint. */
export type Scalar = string | number | bigint | boolean | null;

/** What a YAML document says, with the place of everything in it: faults point there, also after merging. */
export type Tree = {
  /** Where the key stands under which this was found; the start of the file for its root. */
  readonly key: Place;
  /** What a fault points at: the value, or the key of a map. */
  readonly place: Place;
} & (
  | { readonly kind: 'scalar'; readonly value: Scalar }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly entries: TreeEntries }
);

export type TreeEntries = ReadonlyMap<string, Tree>;

/** The bare data. */
export function plain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(plain);
    case 'map':
      return Object.fromEntries([...tree.entries].map(([key, child]) => [key, plain(child)]));
  }
}

/** The entries of a map, none where it is no map. */
export function entriesOf(tree: Tree | undefined): TreeEntries {
  return tree?.kind === 'map' ? tree.entries : new Map();
}

/** Whether a key was written without a value. */
export function isEmpty(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.value === null;
}
