import { readFile, stat } from 'node:fs/promises';
import { LineCounter, parseDocument, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Node, Scalar as YamlScalar, YAMLMap, YAMLSeq } from 'yaml';
import { messageOf } from '../model/errors.ts';
import { formatKey, formatPlace, type Fault, type KeyPath } from './fault.ts';
import type { Place, Scalar, Tree } from './tree.ts';

const MAX_BYTES = 2 ** 20; // ten thousand points written out; more is no configuration
const MAX_VALUES = 200_000; // what aliases of aliases multiply to is bounded by this, not by MAX_BYTES
const MAX_DEPTH = 24;
const MAX_KEY = 128;

/** Names that mean something else to JavaScript's objects. */
const reservedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads one YAML file. Undefined, with the reason among `faults`, where there is nothing to go on with. */
export async function readYaml(file: string, faults: Fault[]): Promise<Tree | undefined> {
  const start = { file, line: 1, column: 1 };
  const unreadable = (message: string, hint: string): undefined => {
    faults.push({ ...start, code: 'configuration-unreadable', key: '', message, hint });
  };
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return unreadable('is no file', stats.isDirectory() ? 'name the file in this folder' : '');
    if (stats.size > MAX_BYTES)
      return unreadable(`has ${stats.size} bytes`, `a configuration has at most ${MAX_BYTES}`);
    // TextDecoder drops a byte order mark.
    return parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)), file, faults);
  } catch (error) {
    if (error instanceof TypeError) return unreadable('is no UTF-8 text', 'save it as UTF-8');
    return unreadable(...unreadableReason(error));
  }
}

function unreadableReason(error: unknown): [message: string, hint: string] {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return ['does not exist', 'name the file with --config'];
    case 'EACCES':
      return ['cannot be read by this user', 'give this user the right to read it and to enter its folder'];
    default:
      return [messageOf(error), ''];
  }
}

/** Parses one YAML 1.2 document, bounded in size and depth. An empty one is an empty map. */
export function parseYaml(text: string, file: string, faults: Fault[]): Tree | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    intAsBigInt: true, // a double would round what lies beyond 2^53
    logLevel: 'error',
    prettyErrors: false, // they quote the source, secrets included
    resolveKnownTags: false,
    uniqueKeys: false, // the grower finds them, and names both places
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problem = problemOf(document);
  if (problem !== undefined) {
    const { code, pos, message } = problem;
    faults.push({
      ...place(pos[0]),
      code: 'configuration-invalid',
      key: '',
      ...(syntaxFaults[code] ?? { message, hint: '' }),
    });
    return undefined;
  }
  return new Grower(place, faults).grow(document);
}

type Problem = { readonly code: string; readonly pos: readonly [number, number]; readonly message: string };

/** The first problem: those that follow are mostly its echo. Warnings count: what is not understood is not guessed. */
function problemOf({ errors, warnings, directives }: Document.Parsed): Problem | undefined {
  const outdated =
    directives.yaml.version === '1.2' ? [] : [{ code: 'BAD_DIRECTIVE', pos: [0, 0] as const, message: '' }];
  return [...errors, ...warnings, ...outdated][0];
}

const notClosed = { message: 'a bracket, brace or quote is not closed', hint: 'close it' };
const badIndent = {
  message: 'the indentation fits nothing above',
  hint: 'keys of one map begin in the same column; close every bracket that you open',
};
const needsQuotes = { message: 'this cannot be read as one value', hint: 'put it in quotes' };

/** The parser's words for an implementer, in words for a technician. */
const syntaxFaults: Readonly<Record<string, { message: string; hint: string }>> = {
  TAB_AS_INDENT: { message: 'a tab is used as indentation', hint: 'indent with spaces' },
  MULTIPLE_DOCS: { message: 'a second document begins here', hint: 'remove the line ---' },
  BAD_DIRECTIVE: { message: 'the directive is not supported', hint: 'remove the line: Weir reads YAML 1.2' },
  TAG_RESOLVE_FAILED: { message: 'tags (words after !) have no meaning here', hint: 'put the value in quotes' },
  RESOURCE_EXHAUSTION: { message: 'it is nested too deeply', hint: `${MAX_DEPTH} levels are the limit` },
  BAD_INDENT: badIndent,
  MISSING_CHAR: notClosed,
  BAD_SCALAR_START: needsQuotes,
  BLOCK_AS_IMPLICIT_KEY: needsQuotes,
  MULTILINE_IMPLICIT_KEY: { message: 'a key needs a colon and a space behind it', hint: 'write key: value' },
  UNEXPECTED_TOKEN: { message: 'this fits nothing before it', hint: 'check indentation, quotes and brackets above' },
};

/** Thrown to give the document up: what came after would be as wrong. */
class Stop extends Error {}

/** Grows the tree of one document, following aliases as far as they are sane. */
class Grower {
  readonly #place: (offset: number) => Place;
  readonly #faults: Fault[];
  readonly #anchors = new Map<string, Node>();
  readonly #path: (string | number)[] = [];
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(place: (offset: number) => Place, faults: Fault[]) {
    this.#place = place;
    this.#faults = faults;
  }

  grow(document: Document.Parsed): Tree | undefined {
    const start = this.#place(0);
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      return { kind: 'map', key: start, place: start, entries: new Map() };
    }
    try {
      return this.#node(contents, start);
    } catch (error) {
      if (error instanceof Stop) return undefined;
      throw error;
    }
  }

  #complain(place: Place, message: string, hint: string, path: KeyPath = this.#path): void {
    this.#faults.push({ ...place, code: 'configuration-invalid', key: formatKey(path), message, hint });
  }

  #stop(place: Place, message: string, hint: string): never {
    this.#complain(place, message, hint);
    throw new Stop();
  }

  #node(node: Node, key: Place): Tree {
    const place = this.#place(node.range?.[0] ?? 0);
    this.#values += 1;
    if (this.#values > MAX_VALUES) {
      this.#stop(place, `it comes to more than ${MAX_VALUES} values`, 'write them out instead of multiplying aliases');
    }
    if (this.#path.length > MAX_DEPTH) this.#stop(place, `it is nested deeper than ${MAX_DEPTH} levels`, 'flatten it');
    if (isAlias(node)) return this.#aliased(node.source, place, key);
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      return { kind: 'scalar', key, place, value: scalarValue(node) };
    }
    if (!isMap(node) && !isSeq(node)) throw new TypeError('a node that is no alias, scalar, map or list');
    return this.#collection(node, place, key);
  }

  #aliased(name: string, place: Place, key: Place): Tree {
    const target = this.#anchors.get(name);
    if (target === undefined)
      this.#stop(place, `*${name} refers to an anchor that is not above`, `write &${name} before it`);
    if (this.#open.has(target))
      this.#stop(place, `*${name} refers to what it is part of`, 'write the values out instead');
    return this.#node(target, key);
  }

  #collection(node: YAMLMap | YAMLSeq, place: Place, key: Place): Tree {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const tree: Tree = isMap(node)
      ? { kind: 'map', key, place: key, entries: this.#entries(node) }
      : { kind: 'list', key, place, items: node.items.map((item, index) => this.#below(index, item, place)) };
    this.#open.delete(node);
    return tree;
  }

  #entries(map: YAMLMap): ReadonlyMap<string, Tree> {
    const entries = new Map<string, Tree>();
    for (const { key: keyNode, value } of map.items) {
      const key = this.#key(keyNode);
      if (key === undefined) continue;
      const place = this.#place(isScalar(keyNode) ? (keyNode.range?.[0] ?? 0) : 0);
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
    const tree: Tree = isNode(value) ? this.#node(value, key) : { kind: 'scalar', key, place: key, value: null };
    this.#path.pop();
    return tree;
  }

  /** The key as it was written: `007` stays `007`. */
  #key(node: unknown): string | undefined {
    const place = this.#place(isNode(node) ? (node.range?.[0] ?? 0) : 0);
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
