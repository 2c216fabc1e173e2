import type { PointDefinition } from '../../model/point.ts';
import { UCUM_URI, UNECE_URI, uneceUnits, unitIdOf } from '../../model/unece-units.ts';
import { quantities } from '../../model/vocabulary.ts';
import type { ServedPoint } from '../server.ts';
import { dataTypes } from './values.ts';

/** What a point is in the address space: a variable with its properties (OPC UA Part 8). */
export type PointNode = {
  /** Below the namespace of the gateway. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: 'DataItemType' | 'AnalogItemType' | 'AnalogUnitType' | 'TwoStateDiscreteType' | StatesType;
  readonly dataType: (typeof dataTypes)[keyof typeof dataTypes];
  readonly writable: boolean;
  readonly range: Range | undefined;
  readonly unit: EngineeringUnit | undefined;
  readonly states: States | undefined;
};

type StatesType = 'MultiStateDiscreteType' | 'MultiStateValueDiscreteType';

type Range = { readonly low: number; readonly high: number };

/** Part 8, 5.6.3: `unitId` holds the characters of the UNECE code, -1 where there is none. */
export type EngineeringUnit = { readonly namespaceUri: string; readonly unitId: number; readonly symbol: string };

export type States =
  | { readonly kind: 'two'; readonly no: string; readonly yes: string }
  /** The value is an index into `names`. */
  | { readonly kind: 'indexed'; readonly names: readonly string[] }
  | { readonly kind: 'valued'; readonly values: readonly (readonly [value: number, name: string])[] };

export function nodeOf({ definition, processing }: ServedPoint): PointNode {
  const { id, name, type, unit, write } = definition;
  const states = statesOf(definition);
  const range = states === undefined ? rangeOf(definition, processing) : undefined;
  const engineering = states === undefined && unit !== undefined ? engineeringUnit(unit) : undefined;
  return {
    id,
    name,
    description: descriptionOf(definition),
    type: typeOf({ states, range, unit: engineering }),
    dataType: dataTypes[type],
    writable: write !== undefined,
    range,
    unit: engineering,
    states,
  };
}

function typeOf({ states, range, unit }: Pick<PointNode, 'states' | 'range' | 'unit'>): PointNode['type'] {
  if (states !== undefined) return stateTypes[states.kind];
  if (range !== undefined) return 'AnalogItemType'; // whose EURange is mandatory
  return unit === undefined ? 'DataItemType' : 'AnalogUnitType';
}

const stateTypes = {
  two: 'TwoStateDiscreteType',
  indexed: 'MultiStateDiscreteType',
  valued: 'MultiStateValueDiscreteType',
} as const satisfies Record<States['kind'], PointNode['type']>;

const texts = new Map<string, string>(Object.entries(quantities).map(([name, { text }]) => [name, text]));

/** `Active energy import (1-0:1.8.0)`, as far as it is known. */
function descriptionOf({ quantity, obis, name }: PointDefinition): string {
  const text = (quantity === undefined ? undefined : texts.get(quantity)) ?? name;
  return obis === undefined ? text : `${text} (${obis})`;
}

function rangeOf({ write, type }: PointDefinition, { min, max }: ServedPoint['processing']): Range | undefined {
  if (type === 'string' || type === 'bool') return undefined;
  const [low, high] = [min ?? write?.min, max ?? write?.max];
  return low === undefined || high === undefined ? undefined : { low, high };
}

function engineeringUnit(unit: string): EngineeringUnit {
  const known = uneceUnits.get(unit);
  if (known === undefined) return { namespaceUri: UCUM_URI, unitId: -1, symbol: unit };
  return { namespaceUri: UNECE_URI, unitId: unitIdOf(known.code), symbol: known.symbol };
}

function statesOf({ states, type }: PointDefinition): States | undefined {
  if (states === undefined || type === 'string') return undefined;
  if (type === 'bool') {
    const named = (value: boolean): string => states[String(value)] ?? states[String(Number(value))] ?? String(value);
    return { kind: 'two', no: named(false), yes: named(true) };
  }
  const values = Object.entries(states).map(([value, name]) => [Number(value), name] as const);
  const integers = values.filter(([value]) => Number.isSafeInteger(value)).toSorted(([one], [other]) => one - other);
  if (integers.length === 0 || type.startsWith('float')) return undefined;
  const isIndexed = type.startsWith('uint') && integers.every(([value], index) => value === index);
  if (isIndexed) return { kind: 'indexed', names: integers.map(([, name]) => name) };
  return { kind: 'valued', values: integers };
}
