import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Document, Scalar as YamlScalar, YAMLMap, YAMLSeq } from 'yaml';
import { formatKey, formatPlace, type Fault, type KeyPath } from './fault.ts';
import type { Place, Scalar, Tree } from './tree.ts';

const MAX_VALUES = 200_000; // what aliases of aliases multiply to is bounded by this, not by the size of the file
export const MAX_DEPTH = 24;
const MAX_KEY = 128;

/** Names that mean something else to JavaScript's objects. */
const reservedKeys = new Set(['__proto__', 'constructor', 'prototype']);

type Node = Alias | YamlScalar | YAMLMap | YAMLSeq;

/** Thrown to give the document up: what came after would be as wrong. */
class Stop extends Error {}

/** The tree of one document, following aliases as far as they are sane. Undefined after a fault that ends it. */
export function growTree(
  document: Document.Parsed,
  place: (offset: number) => Place,
  faults: Fault[],
): Tree | undefined {
  const start = place(0);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return { kind: 'map', key: start, place: start, entries: new Map() };
  }
  try {
    return new Grower(place, faults).grow(contents, start);
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}

class Grower {
  readonly #place: (offset: number) => Place;
  readonly #faults: Fault[];
  readonly #anchors = new Map<string, Node>();
  readonly #path: (string | number)[] = [];
  readonly #open = new Set<Node>();
  /** The alias that is being followed, the outermost of them. */
  #followed: { readonly place: Place; readonly path: KeyPath } | undefined;
  #values = 0;

  constructor(place: (offset: number) => Place, faults: Fault[]) {
    this.#place = place;
    this.#faults = faults;
  }

  #complain(place: Place, message: string, hint: string, path: KeyPath = this.#path): void {
    this.#faults.push({ ...place, code: 'configuration-invalid', key: formatKey(path), message, hint });
  }

  #stop(place: Place, message: string, hint: string, path: KeyPath = this.#path): never {
    this.#complain(place, message, hint, path);
    throw new Stop();
  }

  /** What `node` says, which stands under a key at `key`. */
  grow(node: Node, key: Place): Tree {
    const place = this.#placeOf(node);
    this.#bound(place);
    if (isAlias(node)) return this.#aliased(node.source, place, key);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return { kind: 'scalar', key, place, value: scalarValue(node) };
    return this.#collection(node, place, key);
  }

  #placeOf(node: unknown): Place {
    return this.#place(isNode(node) ? (node.range?.[0] ?? 0) : 0);
  }

  #bound(place: Place): void {
    this.#values += 1;
    if (this.#values > MAX_VALUES) {
      const { place: culprit, path } = this.#followed ?? { place, path: this.#path };
      this.#stop(culprit, `it comes to more than ${MAX_VALUES} values`, 'do not multiply aliases', path);
    }
    if (this.#path.length > MAX_DEPTH) this.#stop(place, `it is nested deeper than ${MAX_DEPTH} levels`, 'flatten it');
  }

  #aliased(name: string, place: Place, key: Place): Tree {
    const target = this.#anchors.get(name);
    if (target === undefined)
      this.#stop(place, `*${name} refers to an anchor that is not above`, `write &${name} before it`);
    if (this.#open.has(target))
      this.#stop(place, `*${name} refers to what it is part of`, 'write the values out instead');
    const outer = this.#followed;
    this.#followed ??= { place, path: [...this.#path] };
    const tree = this.grow(target, key);
    this.#followed = outer;
    return tree;
  }

  #collection(node: YAMLMap | YAMLSeq, place: Place, key: Place): Tree {
    this.#open.add(node);
    const tree: Tree = isMap(node)
      ? { kind: 'map', key, place: key, entries: this.#entries(node) }
      : { kind: 'list', key, place, items: this.#items(node) };
    this.#open.delete(node);
    return tree;
  }

  #items(list: YAMLSeq): readonly Tree[] {
    return list.items.map((item, index) => this.#below(index, item, this.#placeOf(item)));
  }

  #entries(map: YAMLMap): ReadonlyMap<string, Tree> {
    const entries = new Map<string, Tree>();
    for (const { key: keyNode, value } of map.items) {
      const key = this.#key(keyNode);
      if (key === undefined) continue;
      const place = this.#placeOf(keyNode);
      const earlier = entries.get(key);
      if (earlier === undefined) entries.set(key, this.#below(key, value, place));
      else {
        const hint = 'an id or key stands once: rename or remove one of the two';
        this.#complain(place, `is already at ${formatPlace(earlier.key)}`, hint, [...this.#path, key]);
      }
    }
    return entries;
  }

  #below(part: string | number, value: unknown, key: Place): Tree {
    this.#path.push(part);
    // A pair of a flow map may lack its value altogether: `{ a }`.
    const tree: Tree = isNode(value) ? this.grow(value, key) : { kind: 'scalar', key, place: key, value: null };
    this.#path.pop();
    return tree;
  }

  /** The key as it was written: `007` stays `007`. */
  #key(node: unknown): string | undefined {
    const place = this.#placeOf(node);
    if (!isScalar(node) || node.value === null) {
      this.#complain(place, 'a key must be text', 'write key: value');
      return undefined;
    }
    const text = node.source ?? '';
    if (reservedKeys.has(text)) this.#complain(place, `${text} is a reserved word`, 'choose another name');
    else if (text.length > MAX_KEY)
      this.#complain(place, `the key has ${text.length} characters`, `${MAX_KEY} are the limit`);
    else return text;
    return undefined;
  }
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value);
}

/** YAML 1.2 core scalars only, since tags are refused. */
function scalarValue({ value }: YamlScalar): Scalar {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
