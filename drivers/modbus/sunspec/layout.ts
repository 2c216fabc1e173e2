import { BY_LENGTH, type ModelGroup, type ModelPoint } from './table.ts';
import type { Sheet } from './sheet.ts';

/** A point of a model in a device: `offset` counts registers after the model's head. */
export type Placed = {
  readonly point: ModelPoint;
  /** The groups that it is in, from the outermost: name and number, from 1 on; those that can only be there once have none. */
  readonly path: readonly { readonly group: string; readonly number?: number }[];
  readonly offset: number;
  /** Where its scale factor lies; undefined where it has none, or the device has not. */
  readonly factorOffset?: number;
};

/** The points of the group around, by name, and of those around that. */
type Scope = { readonly offsets: ReadonlyMap<string, number>; readonly outer?: Scope };

/**
 * Where the points of a model lie in the registers that a device gives it. What does not fit into its length any more
 * is left out, be the model of an older edition or the count a lie; what is longer is of a newer one, and ignored.
 */
export function layOut(model: ModelGroup, sheet: Sheet): readonly Placed[] {
  const placed: Placed[] = [];
  let end = 0;
  lay(model, [], undefined);
  return placed;

  function lay(group: ModelGroup, path: Placed['path'], outer: Scope | undefined): void {
    const offsets = new Map<string, number>();
    const scope = { offsets, ...(outer !== undefined && { outer }) };
    const first = placed.length;
    for (const point of group.points) {
      if (end + point.words > sheet.size) end = sheet.size;
      else {
        offsets.set(point.name, end);
        placed.push({ point, path, offset: end });
        end += point.words;
      }
    }
    // A scale factor may come after what it scales.
    for (let index = first; index < placed.length; index++) connect(index, scope);
    for (const inner of group.groups) layAll(inner, path, scope);
  }

  function connect(index: number, scope: Scope): void {
    const own = placed[index];
    if (typeof own?.point.factor !== 'string') return;
    const factorOffset = find(own.point.factor, scope);
    if (factorOffset !== undefined) placed[index] = { ...own, factorOffset };
  }

  function layAll(group: ModelGroup, path: Placed['path'], scope: Scope): void {
    const times = timesOf(group, scope);
    for (let number = 1; number <= times && end < sheet.size; number++) {
      // Half a group at the end is no group.
      if (end + group.length > sheet.size) end = sheet.size;
      else lay(group, [...path, { group: group.name, ...(group.count !== 1 && { number }) }], scope);
    }
  }

  function timesOf({ count }: ModelGroup, scope: Scope): number {
    if (count === BY_LENGTH) return Infinity;
    if (typeof count === 'number') return count;
    const offset = find(count, scope);
    const told = offset === undefined ? undefined : sheet.bytes(offset, 1)?.readUInt16BE(0);
    return told === undefined || told === NO_COUNT ? 0 : told;
  }
}

const NO_COUNT = 0xffff; // uint16: not implemented

function find(name: string, scope: Scope): number | undefined {
  for (let around: Scope | undefined = scope; around !== undefined; around = around.outer) {
    const offset = around.offsets.get(name);
    if (offset !== undefined) return offset;
  }
  return undefined;
}
