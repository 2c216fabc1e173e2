import { describe, expect, test } from 'vitest';
import { planReads } from '../../../drivers/modbus/plan.ts';
import { quantities } from '../../../src/model/vocabulary.ts';
import { shipped } from './shipped-profile.ts';

const vocabulary = new Map<string, { unit?: string; kind: string; obis?: string }>(Object.entries(quantities));

describe.each(shipped)('the profile $profile.name', ({ profile, points }) => {
  test('gives every point a name in kebab case and a quantity of the vocabulary', () => {
    for (const { name, settings } of points) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect([...vocabulary.keys()]).toContain(settings.definition.quantity);
    }
  });

  test('names a point by its quantity, so that the same thing has the same name in every device', () => {
    const others = points.filter(({ name, settings }) => name !== settings.definition.quantity);
    expect(others.map(({ name }) => name)).toEqual(profile.name === 'siemens/mag6000' ? ['water-volume-2'] : []);
  });

  test('measures each quantity in the unit, and as the kind, that the vocabulary gives it', () => {
    for (const { settings } of points) {
      const { id, unit, kind, quantity = '' } = settings.definition;
      const expected = vocabulary.get(quantity);
      expect({ id, unit, kind }).toEqual({ id, unit: expected?.unit, kind: expected?.kind });
    }
  });

  test('gives no point an OBIS code but that of its quantity, and none to two points', () => {
    const codes = points.flatMap(({ settings }) => {
      const { id, obis, quantity = '' } = settings.definition;
      if (obis !== undefined) expect({ id, obis }).toEqual({ id, obis: vocabulary.get(quantity)?.obis });
      return obis ?? [];
    });
    expect(codes).toHaveLength(new Set(codes).size);
  });

  test('has no two points that share registers, but for bits', () => {
    const owners = new Map<string, string>();
    for (const { name, field } of points.filter(({ field: { type } }) => type.name !== 'bits')) {
      for (const address of registersOf(field)) {
        const register = `${field.table} ${address}`;
        expect({ name, register, sharedWith: owners.get(register) }).toEqual({ name, register, sharedWith: undefined });
        owners.set(register, name);
      }
    }
  });

  test('names only such states as its type can hold', () => {
    for (const { field, settings } of points) {
      const signless = field.type.name.startsWith('uint') || field.type.name === 'bits';
      for (const label of Object.keys(settings.definition.states ?? {})) {
        expect(label).toMatch(/^-?\d+$/);
        if (signless) expect(Number(label)).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

function registersOf({ address, size }: { readonly address: number; readonly size: number }): readonly number[] {
  return Array.from({ length: size }, (_, index) => address + index);
}

/** What is asked of a device when all points of its profile are due, as addresses of registers. */
function registersRead(profileName: string): readonly number[] {
  return shipped
    .filter(({ profile }) => profile.name === profileName)
    .flatMap(({ device, points }) =>
      planReads(
        points.map(({ field }) => field),
        device,
      ),
    )
    .flatMap(registersOf);
}

test('the rain of a Lufft is read around the register that reading sets to zero', () => {
  expect(registersRead('lufft/ws600')).toContain(48);
  expect(registersRead('lufft/ws600')).toContain(50);
  expect(registersRead('lufft/ws600')).not.toContain(49);
});

test.each(['dzg/dvh4013', 'siemens/pac2200', 'siemens/pac3200'])(
  'a %s is asked for no register between its points',
  (name) => {
    const { points = [] } = shipped.find(({ profile }) => profile.name === name) ?? {};
    const assigned = points.flatMap(({ field }) => registersOf(field));
    expect(assigned).not.toHaveLength(0);
    expect(new Set(registersRead(name))).toEqual(new Set(assigned));
  },
);
