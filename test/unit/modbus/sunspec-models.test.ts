import { describe, expect, test } from 'vitest';
import type { Quantity } from '../../../src/model/quantity.ts';
import { quantities } from '../../../src/model/vocabulary.ts';
import { layOut } from '../../../drivers/modbus/sunspec/layout.ts';
import { meaningOf, type Meaning } from '../../../drivers/modbus/sunspec/meanings.ts';
import { modelOf } from '../../../drivers/modbus/sunspec/models.ts';
import { nameModels, nameOf } from '../../../drivers/modbus/sunspec/names.ts';
import { Sheet } from '../../../drivers/modbus/sunspec/sheet.ts';
import { parseModels, type Model, type ModelGroup } from '../../../drivers/modbus/sunspec/table.ts';
import { ucumOf } from '../../../drivers/modbus/sunspec/units.ts';

/** The models of the standard that are no vendor's. */
const STANDARD = [
  ...range(1, 19),
  ...range(101, 103),
  ...range(111, 113),
  ...range(120, 145),
  160,
  ...range(201, 204),
  ...range(211, 214),
  220,
  ...range(302, 308),
  ...range(401, 404),
  501,
  502,
  601,
  ...range(701, 715),
  ...range(801, 809),
];

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

async function allModels(): Promise<readonly Model[]> {
  const models = await Promise.all(range(1, 65_535).map(modelOf));
  return models.filter((model) => model !== undefined);
}

function groupsOf(group: ModelGroup): readonly ModelGroup[] {
  return [group, ...group.groups.flatMap(groupsOf)];
}

test('the tables hold all models of the standard and no other', async () => {
  const models = await allModels();
  expect(models.map(({ id }) => id)).toEqual(STANDARD);
});

// The lengths were written down beside the points: a register too many or too few anywhere shows here.
test('the points of each group fill exactly the length that the standard gives it', async () => {
  for (const { id, group } of await allModels()) {
    for (const { name, length, points } of groupsOf(group)) {
      const words = points.reduce((sum, point) => sum + point.words, 0);
      expect(words, `model ${id} ${name}`).toBe(length);
    }
  }
});

test('names are unique in their group, and every scale factor and count is a point of it or around it', async () => {
  for (const { id, group } of await allModels()) checkNames(id, group, []);
});

function checkNames(id: number, group: ModelGroup, around: readonly string[]): void {
  const own = group.points.map(({ name }) => name);
  expect(new Set(own).size, `model ${id} ${group.name}`).toBe(own.length);
  const known = [...around, ...own];
  const types = new Map(group.points.map(({ name, type }) => [name, type]));
  for (const { name, factor } of group.points) {
    if (typeof factor !== 'string') continue;
    expect(known, `model ${id} ${name}`).toContain(factor);
    expect(types.get(factor) ?? 'sunssf', `model ${id} ${name}`).toBe('sunssf');
  }
  for (const inner of group.groups) {
    if (typeof inner.count === 'string' && inner.count !== '*') expect(known).toContain(inner.count);
    checkNames(id, inner, known);
  }
}

test('a symbol names one value, and a bit is one of its field', async () => {
  for (const { id, group } of await allModels()) {
    for (const { name, type, symbols } of groupsOf(group).flatMap(({ points }) => points)) {
      if (symbols.size > 0) expect(type, `model ${id} ${name}`).toMatch(/^(enum|bitfield)/);
      expect(new Set(symbols.values()).size, `model ${id} ${name}`).toBe(symbols.size);
      const bits = type.startsWith('bitfield') ? Number(type.slice(8)) : 65_536;
      for (const number of symbols.keys()) expect(number, `model ${id} ${name}`).toBeLessThan(bits);
    }
  }
});

const NO_UNIT = ['cos()', 'PF', 'hhmmss.sssZ', 'hhmmss', 'YYYYMMDD', 'text'];

test('every unit of the tables is known in UCUM or known to be none', async () => {
  const units = new Set(
    (await allModels()).flatMap(({ group }) => groupsOf(group).flatMap(({ points }) => points.map(({ unit }) => unit))),
  );
  const unknown = [...units].filter((unit) => unit !== undefined && ucumOf(unit) === undefined);
  expect(new Set(unknown)).toEqual(new Set(NO_UNIT));
});

test('every point of a device with all models has a name of its own, fit for a configuration', async () => {
  const models = await allModels();
  const namings = nameModels(models.map(({ id, group }) => ({ id, name: group.name })));
  const names = models.flatMap(({ id, group }, index) => {
    const naming = namings[index] ?? { kind: '', prefix: '', isMain: false };
    return layOut(group, readable(400)).map((placed) => nameOf(placed, naming, meaningOf(id, placed.point)?.quantity));
  });
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z][a-z0-9-]{0,63}$/.test(name))).toEqual([]);
});

/** Registers that all hold 2: every counted group is there twice. */
function readable(size: number): Sheet {
  const sheet = new Sheet(size);
  sheet.set(0, Buffer.alloc(size * 2, Buffer.of(0, 2)));
  return sheet;
}

test('what points measure is in the vocabulary, and the shift leads from the unit there to the unit here', async () => {
  for (const { id, group } of await allModels()) {
    for (const point of groupsOf(group).flatMap(({ points }) => points)) {
      const meaning = meaningOf(id, point);
      if (meaning !== undefined) checkMeaning(`model ${id} ${point.name}: ${meaning.quantity}`, point.unit, meaning);
    }
  }
});

const vocabulary = new Map<string, Quantity>(Object.entries(quantities));

function checkMeaning(place: string, unit: string | undefined, { quantity, shift = 0 }: Meaning): void {
  const known = vocabulary.get(quantity);
  expect(known, place).toBeDefined();
  if (unit === undefined) return;
  const here = known?.unit ?? 'a ratio';
  const there = ucumOf(unit) ?? 'a ratio';
  const shifts: Readonly<Record<string, number>> = unit === 'Pct' ? { 'a ratio': -2 } : {};
  expect(shift, place).toBe({ [there]: 0, [`k${there}`]: -3, ...shifts }[here]);
}

describe('a table that does not keep to the grammar is no table', () => {
  test.each([
    ['a type that there is none of', 'model 1 one 1\nA uint15'],
    ['no length', 'model 1 one\nA uint16'],
    ['the points of a model that is not there', 'model 1 one 1 like 2'],
    ['a group without length', 'model 1 one 0\ngroup inner *\n  A uint16'],
    ['a repetition without end', 'model 1 one 0\neach 1..\n  A# uint16'],
  ])('%s', (_, table) => {
    expect(() => parseModels(table)).toThrow(/does not belong/);
  });
});
