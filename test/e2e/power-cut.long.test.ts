import { expect } from 'vitest';
import { cutAtRandom, cutFirstStarts } from '../support/journal-power.ts';
import { testWith } from '../support/peers.ts';
import { testLength } from '../support/test-length.ts';

const MIB = 1_048_576;
const PATIENCE = 900_000;

testWith(
  'power-cut',
  'in many cuts of the power at random instants nothing committed is lost, and no sequence is used twice',
  async () => {
    expect(await cutAtRandom({ times: testLength({ full: 50, short: 5 }), seed: 33 })).toBeGreaterThan(1_000);
  },
  PATIENCE,
);

testWith(
  'power-cut',
  'nor while retention drops all the time',
  async () => {
    expect(await cutAtRandom({ times: testLength({ full: 20, short: 2 }), seed: 44, keep: MIB })).toBeGreaterThan(
      1_000,
    );
  },
  PATIENCE,
);

testWith(
  'power-cut',
  'nor in the very first start, after which the next one succeeds',
  async () => {
    await cutFirstStarts({ times: testLength({ full: 50, short: 3 }), seed: 66 });
  },
  PATIENCE,
);
