import { meaningOf } from '../../src/model/obis-meaning.ts';
import { parseObis, type Obis } from '../../src/model/obis.ts';
import type { Attribute } from './apdu.ts';
import { objectClasses, type PointAddress } from './schema.ts';

const { data, register, clock } = objectClasses;
const extended = objectClasses['extended-register'];
const demand = objectClasses['demand-register'];

export const VALUE = 2;

/** IEC 62056-62, 4.3: where the classes that measure keep scaler and unit. */
const SCALERS: ReadonlyMap<number, number> = new Map([
  [register, 3],
  [extended, 3],
  [demand, 4],
]);

/** Where the object of this class says what its numbers are multiplied by; undefined where they are what they are. */
export function scalerPlace(name: string, classId: number): Attribute | undefined {
  const index = SCALERS.get(classId);
  return index === undefined ? undefined : { classId, name, index };
}

/** The classes that an object can be of, the likeliest first, where the configuration does not say it. */
function likelyClasses(obis: Obis): readonly number[] {
  if (obis.a === 0 && obis.c === 1 && obis.d === 0) return [clock, data];
  const kind = meaningOf(obis)?.kind;
  if (kind === 'text' || kind === 'state') return [data, register, extended];
  return [register, extended, demand, data];
}

/** What a point's attribute may be asked for as, the likeliest first. */
export function likelyPlaces({ obis = '', object, attribute = VALUE }: PointAddress): readonly Attribute[] {
  const code = parseObis(obis);
  if (code === undefined) return [];
  const classes = object === undefined ? likelyClasses(code) : [object];
  return classes.map((classId) => ({ classId, name: obis, index: attribute }));
}

/** Whether an attribute is a value that the scaler of its object belongs to. */
export function isScaled({ classId, index }: Attribute): boolean {
  // A demand register has two: the average of the period that runs, and of the one before.
  return SCALERS.has(classId) && (index === VALUE || (classId === demand && index === 3));
}
