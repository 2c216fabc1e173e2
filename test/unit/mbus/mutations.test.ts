import { expect, test } from 'vitest';
import { mutateMbus } from '../../support/mbus-mutations.ts';

test('10 000 mutated answers: nothing throws, and nothing is taken whose frame is not sound', () => {
  const { wrong, read } = mutateMbus(10_000, 13_757);
  expect(wrong).toEqual([]);
  expect(read).toBeGreaterThan(1_000);
});
