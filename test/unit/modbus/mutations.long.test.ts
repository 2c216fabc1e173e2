import { expect, test } from 'vitest';
import { mutateAnswers } from '../../support/modbus-mutations.ts';

test.each(['tcp', 'udp', 'rtu', 'ascii'] as const)(
  'a million mutated answers in %s: nothing throws, and nothing is taken that is not the answer',
  async (framing) => {
    const { wrong, answered, untouched } = await mutateAnswers(framing, 1_000_000, 502);
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThan(untouched);
  },
);
