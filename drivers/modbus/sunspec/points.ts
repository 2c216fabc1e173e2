import type { DiscoveredPoint } from '../../../src/collect/driver.ts';
import type { Value } from '../../../src/model/reading.ts';
import type { Quantity } from '../../../src/model/quantity.ts';
import { quantities } from '../../../src/model/vocabulary.ts';
import { isAbsent } from '../absent.ts';
import { compileDecoder } from '../decode.ts';
import type { PointAddress } from '../schema.ts';
import { layOut, type Placed } from './layout.ts';
import { meaningOf, type Meaning } from './meanings.ts';
import { nameOf, type Naming } from './names.ts';
import { paceOf } from './pace.ts';
import type { RegisterTable } from './registers.ts';
import type { Sheet } from './sheet.ts';
import type { Model, ModelPoint } from './table.ts';
import { factsOf, isAccumulator, isBitfield, isState, type SunSpecType } from './types.ts';
import { ucumOf } from './units.ts';

/** A model as it was found in a device, with what its registers hold now. */
export type ReadModel = {
  readonly model: Model;
  readonly naming: Naming;
  readonly table: RegisterTable;
  /** Of its first register after the head, as the device's configuration counts. */
  readonly address: number;
  readonly sheet: Sheet;
};

/** Carry no value of their own. */
const SUPPORTING: readonly SunSpecType[] = ['pad', 'sunssf', 'count'];
/** What nobody should find in a journal. */
const SECRETS: readonly string[] = ['Pw', 'Pin'];

/** The points of a model that the device has. */
export function describePoints(read: ReadModel): readonly DiscoveredPoint[] {
  return layOut(read.model.group, read.sheet)
    .filter(({ point }) => !SUPPORTING.includes(point.type) && !SECRETS.includes(point.name))
    .flatMap((placed) => {
      const meaning = meaningOf(read.model.id, placed.point);
      return isImplemented(placed, read.sheet, meaning) ? [describe(placed, read, meaning)] : [];
    });
}

/**
 * Whether the device has that point. What it marks as not implemented it has not, unless the standard demands it and it
 * is something that we have a word for: many an inverter measures nothing while it sleeps.
 */
function isImplemented(placed: Placed, sheet: Sheet, meaning: Meaning | undefined): boolean {
  const { point, offset, factorOffset } = placed;
  const bytes = sheet.bytes(offset, point.words);
  if (bytes === undefined) return false;
  if (typeof point.factor === 'string' && !hasFactor(sheet, factorOffset)) return false;
  return !isMissing(point, valueOf(point, bytes)) || (point.mandatory && meaning !== undefined);
}

function hasFactor(sheet: Sheet, offset: number | undefined): boolean {
  const bytes = offset === undefined ? undefined : sheet.bytes(offset, 1);
  return bytes !== undefined && !isMissing({ type: 'sunssf' }, bytes.readInt16BE(0));
}

function isMissing({ type }: Pick<ModelPoint, 'type'>, value: Value | undefined): boolean {
  const { absent } = factsOf(type);
  return isAccumulator(type) ? value === 0 : absent !== undefined && isAbsent(value, absent);
}

function valueOf({ type, words }: ModelPoint, bytes: Buffer): Value | undefined {
  return compileDecoder(factsOf(type).register(words), 'ABCD').decode(bytes, 0);
}

function describe(placed: Placed, read: ReadModel, meaning: Meaning | undefined): DiscoveredPoint {
  const { point } = placed;
  const scale = scaleOf(point, meaning);
  const pace = paceOf(read.model.id);
  return {
    name: nameOf(placed, read.naming, meaning?.quantity),
    address: addressOf(placed, read, meaning),
    ...wordsFor(point, meaning),
    ...kindOf(point.type),
    ...(scale !== 1 && { scale }),
    ...(point.symbols.size > 0 && { labels: labelsOf(point) }),
    ...(typeof pace === 'number' && { every: pace }),
  };
}

function addressOf({ point, offset, factorOffset }: Placed, read: ReadModel, meaning?: Meaning): PointAddress {
  const { register, absent } = factsOf(point.type);
  return {
    read: { table: read.table, address: read.address + offset },
    type: register(point.words),
    order: 'ABCD',
    ...(absent !== undefined && { absent }),
    ...(factorOffset !== undefined && {
      factor: { address: read.address + factorOffset, shift: meaning?.shift ?? 0 },
    }),
  };
}

/** Where no register says it, the power of ten is known from the standard. */
function scaleOf({ factor = 0 }: ModelPoint, meaning: Meaning | undefined): number {
  return typeof factor === 'string' ? 1 : Number(`1e${factor + (meaning?.shift ?? 0)}`);
}

const VOCABULARY = new Map<string, Quantity>(Object.entries(quantities));

/** A quantity has one unit everywhere. */
function wordsFor(
  { unit }: ModelPoint,
  meaning: Meaning | undefined,
): Pick<DiscoveredPoint, 'unit' | 'quantity' | 'obis'> {
  if (meaning !== undefined) {
    const { unit: usual, obis } = VOCABULARY.get(meaning.quantity) ?? {};
    return {
      quantity: meaning.quantity,
      ...(usual !== undefined && { unit: usual }),
      ...(obis !== undefined && { obis }),
    };
  }
  const ucum = unit === undefined ? undefined : ucumOf(unit);
  return ucum === undefined ? {} : { unit: ucum };
}

/** Nothing where type or quantity tell it. */
function kindOf(type: SunSpecType): Pick<DiscoveredPoint, 'kind'> {
  // The standard's newer models count in plain 64-bit integers, and in nothing else.
  if (isAccumulator(type) || type === 'uint64') return { kind: 'counter' };
  return isState(type) ? { kind: 'state' } : {};
}

/** Names of an enumeration's values, or of the values that a bitfield has when one bit is set alone. */
function labelsOf({ type, symbols }: ModelPoint): Readonly<Record<string, string>> {
  const value = (number: number): number => (isBitfield(type) ? 2 ** number : number);
  return Object.fromEntries(
    [...symbols].map(([number, name]) => [String(value(number)), name.toLowerCase().replaceAll('_', ' ')]),
  );
}
