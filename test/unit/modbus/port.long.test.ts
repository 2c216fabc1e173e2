import { expect, test } from 'vitest';
import { mutateAnswers } from '../../support/modbus-mutations.ts';

test('a million mutated answers: nothing throws, and nothing gets through that is not the answer', () => {
  const { wrong, delivered, untouched } = mutateAnswers(1_000_000, 502);
  expect(wrong).toEqual([]);
  expect(delivered).toBeGreaterThan(untouched);
}, 120_000);
