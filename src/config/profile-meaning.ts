import { agrees, parseUnit } from '../model/ucum.ts';
import { meaningOf } from '../model/obis-meaning.ts';
import { parseObis } from '../model/obis.ts';
import type { Quantity } from '../model/quantity.ts';
import { quantities } from '../model/vocabulary.ts';
import { suggest } from './nearest.ts';
import type { CheckedPoint, CheckedProfile } from './profile-checked.ts';

const vocabulary: ReadonlyMap<string, Quantity> = new Map(Object.entries(quantities));
const units = [...new Set([...vocabulary.values()].flatMap(({ unit }) => unit ?? []))];

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Complains of a point whose name, quantity, unit, kind and OBIS code do not say the same. */
export function checkMeaning(point: CheckedPoint): void {
  checkUnit(point);
  const { quantity } = point.settings.definition;
  const known = quantity === undefined ? undefined : vocabulary.get(quantity);
  if (quantity === undefined) {
    checkCase(point);
    point.advice.at('quantity').complain('is missing', 'name what it measures, e.g. water-flow');
  } else if (known === undefined) {
    checkCase(point);
    const hint = suggest(quantity, [...vocabulary.keys()]);
    point.advice.at('quantity').complain(`${quantity} is not in the vocabulary`, hint);
  } else {
    checkName(point, quantity);
    checkUnitOf(point, quantity, known);
    checkKind(point, quantity, known);
    checkObis(point, quantity, known);
    checkClass(point, quantity);
  }
}

function checkCase({ name, advice }: CheckedPoint): void {
  if (!KEBAB_CASE.test(name)) {
    advice.complainOfKey(
      `${name} is no name as we write them`,
      'use small letters, digits and hyphens: flow-temperature',
    );
  }
}

function checkName(point: CheckedPoint, quantity: string): void {
  const { name, advice } = point;
  if (!KEBAB_CASE.test(name)) checkCase(point);
  else if (name !== quantity && !name.startsWith(`${quantity}-`)) {
    advice.complainOfKey(
      `${name} measures ${quantity}, and should be named so`,
      `name it ${quantity}, or ${quantity}-… where the device has several`,
    );
  }
}

function checkUnit({ section, settings }: CheckedPoint): void {
  const { unit } = settings.definition;
  if (unit === undefined || parseUnit(unit) !== undefined) return;
  const guess = suggest(unit, units);
  section
    .at('unit')
    .complain(`${unit} is no UCUM unit`, guess.startsWith('did') ? guess : 'write e.g. kW.h, Cel, m3/h or %');
}

function checkUnitOf({ section, advice, settings }: CheckedPoint, quantity: string, { unit: wanted }: Quantity): void {
  const { unit } = settings.definition;
  if (unit === wanted) return;
  if (wanted === undefined) {
    section
      .at('unit')
      .complain(`${quantity} has no unit, but this says ${unit}`, 'remove it, or name another quantity');
    return;
  }
  if (unit === undefined) {
    section.at('unit').complain(`is missing: ${quantity} has one`, `give it in ${wanted}`);
    return;
  }
  const [given, meant] = [parseUnit(unit), parseUnit(wanted)];
  if (given === undefined || meant === undefined) return; // told already
  if (agrees(given, meant)) {
    advice.at('unit').complain(`${unit} is not what ${quantity} is given in`, `scale it to ${wanted}`);
  } else {
    section.at('unit').complain(`${unit} cannot be ${quantity}, which is in ${wanted}`, 'correct one of the two');
  }
}

function checkKind({ section, settings }: CheckedPoint, quantity: string, { kind: wanted }: Quantity): void {
  const { kind } = settings.definition;
  if (kind === wanted) return;
  const written = section.at('kind').tree === undefined ? section : section.at('kind');
  written.complain(`is a ${kind}, but ${quantity} is a ${wanted}`, `write kind: ${wanted}, or name another quantity`);
}

function checkObis({ section, advice, settings }: CheckedPoint, quantity: string, { obis: wanted }: Quantity): void {
  const { obis } = settings.definition;
  if (obis === undefined || obis === wanted) return;
  const meant = quantityOf(obis);
  if (wanted === undefined && meant !== undefined) {
    section.at('obis').complain(`${obis} is not ${quantity} but ${meant}`, 'correct one of the two');
  } else if (wanted === undefined) {
    advice.at('obis').complain(`${quantity} has no OBIS code in the vocabulary`, 'remove it, or add it there');
  } else if (withoutChannel(obis) === withoutChannel(wanted)) {
    // The channel is what tells two meters behind one device apart (IEC 62056-61, group B).
    advice.at('obis').complain(`${obis} is on another channel than ${wanted}`, `write ${wanted}`);
  } else {
    section.at('obis').complain(`${obis} is not ${quantity}, which is ${wanted}`, 'correct one of the two');
  }
}

/** Complains of an OBIS code that two points have: a centre could not tell them apart. */
export function checkCodes({ points }: CheckedProfile): void {
  const owners = new Map<string, string>();
  for (const { name, section, settings } of points) {
    const { obis } = settings.definition;
    if (obis === undefined) continue;
    const owner = owners.get(obis);
    if (owner === undefined) owners.set(obis, name);
    else section.at('obis').complain(`${obis} is the code of ${owner} already`, 'remove it from one of them');
  }
}

function quantityOf(obis: string): string | undefined {
  const code = parseObis(obis);
  return code === undefined ? undefined : meaningOf(code)?.quantity;
}

function withoutChannel(obis: string): string {
  return obis.replace(/-\d+:/, '-:');
}

function checkClass({ advice, settings }: CheckedPoint, quantity: string): void {
  if (quantity !== 'alarm' || settings.definition.class === 'alarm') return;
  advice.at('class').complain('an alarm is not sent at once', 'write class: alarm');
}
