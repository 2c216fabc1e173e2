import { expect } from 'vitest';
import { cutAtRandom, cutFirstStarts } from '../support/journal-power.ts';
import { testWith } from '../support/peers.ts';

const MIB = 1_048_576;
const PATIENCE = 900_000;

testWith(
  'power-cut',
  'in 30 cuts of the power at random instants nothing committed is lost, and no sequence is used twice',
  async () => {
    expect(await cutAtRandom({ times: 30, seed: 33 })).toBeGreaterThan(1_000);
  },
  PATIENCE,
);

testWith(
  'power-cut',
  'nor in 10 while retention drops all the time',
  async () => {
    expect(await cutAtRandom({ times: 10, seed: 44, keep: MIB })).toBeGreaterThan(1_000);
  },
  PATIENCE,
);

testWith(
  'power-cut',
  'nor in 10 of the very first start, after which the next one succeeds',
  async () => {
    await cutFirstStarts({ times: 10, seed: 66 });
  },
  PATIENCE,
);
