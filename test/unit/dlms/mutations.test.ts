import { expect, test } from 'vitest';
import { mutateTelegrams } from '../../support/dlms-mutations.ts';

test.each(['hdlc', 'hdlc, encrypted', 'mbus, encrypted'] as const)(
  'a mangled telegram never says what was not sent: %s',
  (form) => {
    const { heard, untouched, wrong } = mutateTelegrams(form, 3_000, 20_261_130);
    expect(wrong).toEqual([]);
    expect(heard).toBeGreaterThanOrEqual(untouched);
  },
);
