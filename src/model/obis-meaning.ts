import { electricityName } from './obis-electricity.ts';
import { generalName } from './obis-general.ts';
import { storedValue, type Obis } from './obis.ts';
import { mediumName } from './obis-media.ts';
import type { PointKind } from './point.ts';
import type { Quantity } from './quantity.ts';
import { quantities } from './vocabulary.ts';

/** What a code stands for. */
export type ObisMeaning = {
  /** Such as a configuration would give to the point: `active-energy-import-t5`. */
  readonly name: string;
  /** Of the vocabulary; undefined where it has no word for just this. */
  readonly quantity: string | undefined;
  /** UCUM. Undefined for what has none, and where the code leaves it open. */
  readonly unit: string | undefined;
  readonly kind: PointKind;
};

const VOCABULARY: ReadonlyMap<string, Quantity> = new Map(Object.entries(quantities));

const ELECTRICITY = 1;

// From here on, group A is a maker's own, and so is what stands in B.
const FIRST_MANUFACTURER = 128;

/** What a code stands for; undefined where its rules, which are those of IEC 62056-61, say nothing of it. */
export function meaningOf(obis: Obis): ObisMeaning | undefined {
  const named = generalName(obis) ?? (obis.a === ELECTRICITY ? electricityName(obis) : mediumName(obis));
  if (named === undefined) return undefined;
  const quantity = VOCABULARY.get(named.name);
  const stored = storedValue(obis);
  const { unit, kind } = quantity ?? named;
  return {
    name: `${named.name}${channelOf(obis)}${stored === undefined ? '' : `-stored-${stored}`}`,
    // What was counted until some day in the past is not what is counted now.
    quantity: quantity === undefined || stored !== undefined ? undefined : named.name,
    unit,
    kind,
  };
}

function channelOf({ a, b }: Obis): string {
  return b === 0 || a >= FIRST_MANUFACTURER ? '' : `-channel-${b}`;
}
