import { expect, test } from 'vitest';
import { sufferOutage } from '../support/opcua-outage.ts';

// Seconds that the outage lasts; 600 is what a gateway has to survive without a hole: that takes no work, only time.
const { WEIR_OPCUA_OUTAGE = '60' } = process.env;
const OUTAGE = Number(WEIR_OPCUA_OUTAGE);

test(
  `after an outage of ${OUTAGE} s no value is missing, and none came twice`,
  async () => {
    const { measured, recorded, filled, during, fillingTook } = await sufferOutage(OUTAGE);
    const missing = measured.filter((value) => !recorded.includes(value));
    process.stdout.write(
      `outage of ${OUTAGE} s: ${measured.length} values measured, ${during} of them during it, ${filled.length} filled ` +
        `within ${Math.round(fillingTook)} ms, missing ${missing.length}, twice ${recorded.length - new Set(recorded).size}\n`,
    );
    expect(recorded.toSorted((one, other) => one - other)).toEqual(measured);
    expect(filled.length).toBeGreaterThanOrEqual(during - 1);
    expect(filled).toEqual(filled.toSorted((one, other) => one - other));
  },
  (OUTAGE + 180) * 1_000,
);
