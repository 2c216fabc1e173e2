import type { DiscoveredPoint } from '../../src/collect/driver.ts';
import { meaningOf, type ObisMeaning } from '../../src/model/obis-meaning.ts';
import { formatObis } from '../../src/model/obis.ts';
import type { PointKind, ValueType } from '../../src/model/point.ts';
import type { Quantity } from '../../src/model/quantity.ts';
import { conversion } from '../../src/model/ucum.ts';
import { quantities } from '../../src/model/vocabulary.ts';
import type { MeterAddress } from './point-schema.ts';
import type { MeterValue } from './value.ts';

const VOCABULARY: ReadonlyMap<string, Quantity> = new Map(Object.entries(quantities));

type Words = { readonly unit?: string; readonly quantity?: string; readonly kind: PointKind };

/** The point that a value of a meter is, where nobody has configured one. Its name may be taken by another. */
export function pointOf(value: MeterValue): DiscoveredPoint & { readonly address: MeterAddress } {
  const meaning = meaningIn(value);
  const words = wordsFor(value, meaning);
  const obis = value.obis === undefined ? undefined : formatObis(value.obis);
  return {
    name: nameOf(value, meaning),
    address: {
      ...(obis === undefined ? { register: value.register } : { obis }),
      value: value.index,
      unit: words.unit,
      kind: words.kind,
      type: typeIn(value),
    },
    ...(obis !== undefined && { obis }),
    ...words,
  };
}

/** What the protocol or the code says of a value. */
function meaningIn({ obis, name, quantity }: MeterValue): ObisMeaning | undefined {
  const known = quantity === undefined ? undefined : VOCABULARY.get(quantity);
  if (known === undefined) return obis === undefined ? undefined : meaningOf(obis);
  return { name: name ?? quantity ?? '', quantity, unit: known.unit, kind: known.kind };
}

function nameOf({ name, obis, register, index }: MeterValue, meaning: ObisMeaning | undefined): string {
  const code = obis === undefined ? register : `obis-${formatObis(obis)}`;
  const base = name ?? meaning?.name ?? code.replaceAll(/[^A-Za-z0-9]+/g, '-');
  return index === 0 ? base : `${base}-${index + 1}`;
}

function typeIn({ content }: MeterValue): ValueType {
  if (content.kind === 'number') return 'float64';
  return content.kind === 'boolean' ? 'bool' : 'string';
}

/** A quantity is told only where the value is what the quantity is: in its unit, and a number where it is one. */
function wordsFor({ content, index }: MeterValue, meaning: ObisMeaning | undefined): Words {
  const meant = index === 0 && meaning !== undefined ? meaning : UNKNOWN;
  if (content.kind === 'number') return wordsForNumber(content.unit, meant);
  const isOfItsKind = meant.kind === 'state' || (meant.kind === 'text' && content.kind !== 'boolean');
  if (isOfItsKind) return { kind: meant.kind, ...measures(meant) };
  return { kind: content.kind === 'boolean' ? 'state' : 'text' };
}

const UNKNOWN: ObisMeaning = { name: '', quantity: undefined, unit: undefined, kind: 'gauge' };

function wordsForNumber(sent: string | undefined, meant: ObisMeaning): Words {
  const kind = meant.kind === 'text' ? 'gauge' : meant.kind;
  // A number whose unit is not known is of no quantity that has one.
  if (sent?.startsWith('?') === true) return { kind };
  if (sent !== undefined) {
    const converts = meant.unit !== undefined && conversion(sent, meant.unit) !== undefined;
    return converts ? { kind, unit: meant.unit, ...measures(meant) } : { kind, unit: sent };
  }
  if (meant.kind === 'text') return { kind };
  if (meant.unit === undefined) return { kind, ...measures(meant) };
  return meant.unit === COUNT ? { kind, unit: COUNT, ...measures(meant) } : { kind };
}

/** The unit of what is counted, which no meter writes. */
const COUNT = '1';

function measures({ quantity }: ObisMeaning): Pick<Words, 'quantity'> {
  return quantity === undefined ? {} : { quantity };
}
