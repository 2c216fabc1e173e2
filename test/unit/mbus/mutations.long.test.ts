import { expect, test } from 'vitest';
import { mutateMbus } from '../../support/mbus-mutations.ts';

// In parts, so that the runner is heard from.
test.each(Array.from({ length: 10 }, (_, part) => part))(
  'a million mutated answers, part %i: nothing throws, and nothing is taken whose frame is not sound',
  (part) => {
    const { wrong, read } = mutateMbus(100_000, part);
    expect(wrong).toEqual([]);
    expect(read).toBeGreaterThan(10_000);
  },
  60_000,
);
