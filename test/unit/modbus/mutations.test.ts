import { expect, test } from 'vitest';
import { mutateAnswers } from '../../support/modbus-mutations.ts';

test.each(['tcp', 'udp', 'rtu', 'ascii'] as const)(
  '10 000 mutated answers in %s: nothing throws, and nothing is taken that is not the answer',
  async (framing) => {
    const { wrong, answered, untouched } = await mutateAnswers(framing, 10_000, 2026);
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThan(untouched);
  },
);
