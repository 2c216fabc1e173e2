import { z } from 'zod';
import { explain, findingsOf } from './explain.ts';
import { formatKey, type Fault, type KeyPath } from './fault.ts';
import { idSchema } from './values.ts';
import { entriesOf, plain, type Place, type Tree } from './tree.ts';

/** A part of the configuration: what stands there, the path to it, and where its faults are collected. */
export class Section {
  /** Undefined where nothing stands there. */
  readonly tree: Tree | undefined;
  readonly path: KeyPath;
  readonly faults: Fault[];
  /** Where to point when nothing stands there. */
  readonly #fallback: Place;

  constructor(tree: Tree | undefined, path: KeyPath, faults: Fault[], fallback: Place) {
    this.tree = tree;
    this.path = path;
    this.faults = faults;
    this.#fallback = fallback;
  }

  get #place(): Place {
    return this.tree?.place ?? this.#fallback;
  }

  /** What stands further down; absent parts have the place of what they are missing in. */
  at(...path: KeyPath): Section {
    return path.reduce<Section>((section, part) => section.#child(part), this);
  }

  #child(part: string | number): Section {
    const { tree } = this;
    const child = tree?.kind === 'list' ? tree.items[Number(part)] : entriesOf(tree).get(String(part));
    return new Section(child, [...this.path, part], this.faults, this.#place);
  }

  /** The same part with other content. */
  with(entries: Iterable<readonly [string, Tree]>): Section {
    const key = this.tree?.key ?? this.#fallback;
    const tree: Tree = { kind: 'map', key, place: this.#place, entries: new Map(entries) };
    return new Section(tree, this.path, this.faults, this.#fallback);
  }

  /** The same part, only the keys that `keep` names. */
  filter(keep: (key: string) => boolean): Section {
    return this.with([...entriesOf(this.tree)].filter(([key]) => keep(key)));
  }

  complain(message: string, hint = '', code: Fault['code'] = 'configuration-invalid'): void {
    this.#report(this.#place, message, hint, code);
  }

  /** Complains of the key rather than of what stands under it. */
  complainOfKey(message: string, hint: string): void {
    this.#report(this.tree?.key ?? this.#fallback, message, hint, 'configuration-invalid');
  }

  #report({ file, line, column }: Place, message: string, hint: string, code: Fault['code']): void {
    this.faults.push({ file, line, column, code, key: formatKey(this.path), message, hint });
  }

  /** What stands there as `schema` has it; undefined after complaining. `alsoKnown`: keys that belong beside its own. */
  parse<T>(schema: z.ZodType<T>, alsoKnown: readonly string[] = []): T | undefined {
    const value = this.tree === undefined ? undefined : plain(this.tree);
    const result = schema.safeParse(value, { error: explain, reportInput: true });
    if (result.success) return result.data;
    for (const { path, message, hint, atKey } of findingsOf(result.error, schema, alsoKnown)) {
      const part = this.at(...path);
      if (atKey) part.complainOfKey(message, hint);
      else part.complain(message, hint);
    }
    return undefined;
  }

  /** Whether keys stand there; complains where something else does. */
  isMap(): boolean {
    return this.parse(mapSchema) !== undefined;
  }

  /** The parts of a map by id; none where nothing stands. Those whose id cannot be one are left out after complaining. */
  byId(): readonly (readonly [id: string, part: Section])[] {
    if (this.tree === undefined || !this.isMap()) return [];
    return [...entriesOf(this.tree).keys()].flatMap((id) => {
      const part = this.at(id);
      const checked = idSchema.safeParse(id);
      if (checked.success) return [[id, part] as const];
      for (const { message, hint } of findingsOf(checked.error, idSchema, [])) part.complainOfKey(message, hint);
      return [];
    });
  }
}

const mapSchema = z.record(z.string(), z.unknown());
