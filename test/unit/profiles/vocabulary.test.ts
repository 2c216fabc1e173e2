import { expect, test } from 'vitest';
import { pointSchema } from '../../../src/config/point-schema.ts';
import { pointKinds } from '../../../src/model/point.ts';
import { quantities } from '../../../src/model/vocabulary.ts';

type Entry = { unit?: string; kind: string; obis?: string; text: string };
const entries: readonly (readonly [string, Entry])[] = Object.entries(quantities);

test.each(entries)('%s is what a configuration may say of a point', (quantity, { unit, kind, obis, text }) => {
  const point = { quantity, kind, ...(unit === undefined ? {} : { unit }), ...(obis === undefined ? {} : { obis }) };
  expect(pointSchema.parse(point)).toMatchObject(point);
  expect(text).not.toBe('');
});

test('an OBIS code stands for one quantity', () => {
  const codes = entries.flatMap(([, { obis }]) => obis ?? []);
  expect(codes).toHaveLength(new Set(codes).size);
});

test('what is counted has a unit, states and texts have none', () => {
  expect(new Set(entries.map(([, { kind }]) => kind))).toEqual(new Set(pointKinds));
  for (const [quantity, { kind, unit }] of entries) {
    if (kind === 'counter') expect({ quantity, unit }).toEqual({ quantity, unit: expect.any(String) });
    if (kind === 'state' || kind === 'text') expect({ quantity, unit }).toEqual({ quantity, unit: undefined });
  }
});

test('the quantities of one phase exist for all three', () => {
  const names = new Set(entries.map(([name]) => name));
  for (const name of [...names].filter((candidate) => /-l1(-|$)/.test(candidate) && !candidate.includes('-l3-l1'))) {
    const rotated = name.includes('-l1-l2') ? ['l2-l3', 'l3-l1'] : ['l2', 'l3'];
    const phases = name.includes('-l1-l2') ? 'l1-l2' : 'l1';
    for (const other of rotated) expect(names).toContain(name.replace(phases, other));
  }
});
