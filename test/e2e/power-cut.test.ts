import { expect } from 'vitest';
import { cutAtRandom } from '../support/journal-power.ts';
import { testWith } from '../support/peers.ts';

const PATIENCE = 180_000;

testWith(
  'power-cut',
  'what was committed before the power was cut is there, and no sequence is used twice',
  async () => {
    expect(await cutAtRandom({ times: 2, seed: 3 })).toBeGreaterThan(0);
  },
  PATIENCE,
);
