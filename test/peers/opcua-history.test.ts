import { expect, test } from 'vitest';
import { sufferOutage } from '../support/opcua-outage.ts';

test('what the server measured during an outage is read back: no value is missing, and none came twice', async () => {
  const { measured, recorded, filled } = await sufferOutage(5);
  expect(recorded.toSorted((one, other) => one - other)).toEqual(measured);
  expect(filled.length).toBeGreaterThan(10);
  expect(filled).toEqual(filled.toSorted((one, other) => one - other));
}, 180_000);
