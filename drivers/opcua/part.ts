import type { MemberPath } from './member.ts';
import { builtIn, type Encoded, type Unfit } from './value.ts';

const MISMATCH: Unfit = { unfit: 'type-mismatch' };
const NO_SUCH_PART: Unfit = { unfit: 'refused' };

/** Where in the value of its node a point is. */
export type PartAddress = {
  /** `3`, or `1,2` of a matrix: what the server is asked for. */
  readonly index?: string | undefined;
  readonly member?: MemberPath | undefined;
};

/** A value with its shape, as the stack decodes it. */
export type EncodedArray = Encoded & { readonly arrayType: number; readonly dimensions: readonly number[] | null };

/** The scalar that a point is about, of the value that the server gave for its node. */
export function partOf(encoded: EncodedArray, { index, member }: PartAddress): Encoded | Unfit {
  const element = index === undefined ? single(encoded) : elementOf(encoded, index);
  return member === undefined || 'unfit' in element ? element : memberOf(element, member);
}

function single(encoded: EncodedArray): Encoded | Unfit {
  return encoded.arrayType === 0 ? encoded : MISMATCH;
}

/** The server was asked for one element, and answers with an array of it; one that does not cut sends them all. */
function elementOf({ dataType, arrayType, value, dimensions }: EncodedArray, index: string): Encoded | Unfit {
  if (arrayType === 0 || !isIndexed(value)) return MISMATCH;
  if (value.length === 1) return { dataType, value: value[0] };
  const place = placeOf(index, dimensions ?? [value.length]);
  return place !== undefined && place < value.length ? { dataType, value: value[place] } : NO_SUCH_PART;
}

/** Where an element lies in an array whose last dimension runs fastest. */
function placeOf(index: string, dimensions: readonly number[]): number | undefined {
  const indexes = index.split(',').map(Number);
  if (indexes.length !== dimensions.length) return undefined;
  const isInside = indexes.every((each, axis) => each < (dimensions[axis] ?? 0));
  return isInside ? indexes.reduce((place, each, axis) => place * (dimensions[axis] ?? 1) + each, 0) : undefined;
}

function memberOf({ value }: Encoded, path: MemberPath): Encoded | Unfit {
  let part: Encoded = { dataType: builtIn.ExtensionObject, value };
  for (const step of path) {
    const next = typeof step === 'number' ? item(part, step) : field(part.value, step);
    if (next === undefined) return NO_SUCH_PART;
    part = next;
  }
  return part;
}

function item({ dataType, value }: Encoded, index: number): Encoded | undefined {
  return isIndexed(value) && index < value.length ? { dataType, value: value[index] } : undefined;
}

/** A field by its name in the server's description of the type, or as the stack writes it (`lowerCamelCase`). */
function field(structure: unknown, name: string): Encoded | undefined {
  if (!isStructure(structure)) return undefined;
  const found = fieldsOf(structure.schema).find((each) => each.name === name || each.originalName === name);
  if (found === undefined) return undefined;
  const dataType = Object.hasOwn(types, found.fieldType) ? types[found.fieldType] : undefined;
  const isEnumeration = found.category === 'enumeration';
  const value: unknown = Reflect.get(structure, found.name);
  return { dataType: dataType ?? (isEnumeration ? builtIn.Int32 : builtIn.ExtensionObject), value };
}

const types: Readonly<Record<string, number>> = builtIn;

type Field = {
  readonly name: string;
  readonly originalName?: string;
  readonly fieldType: string;
  readonly category?: string;
};

type StructureSchema = { readonly fields: readonly Field[]; readonly getBaseSchema?: () => unknown };

/** The fields of a structure and of what it is derived from. */
function fieldsOf(schema: StructureSchema): readonly Field[] {
  const base = schema.getBaseSchema?.();
  return isSchema(base) ? [...fieldsOf(base), ...schema.fields] : schema.fields;
}

function isStructure(value: unknown): value is { readonly schema: StructureSchema } {
  return typeof value === 'object' && value !== null && 'schema' in value && isSchema(value.schema);
}

function isSchema(value: unknown): value is StructureSchema {
  return typeof value === 'object' && value !== null && 'fields' in value && Array.isArray(value.fields);
}

function isIndexed(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value && !Buffer.isBuffer(value));
}
