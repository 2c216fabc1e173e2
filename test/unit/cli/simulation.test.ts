import { expect, test } from 'vitest';
import { startUnprofiled } from '../../../src/cli/simulation.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test.each([
  ['opcua', 'driver opcua has no simulator'],
  ['modbus', /^name a profile/],
])('what cannot be played by itself is refused, with the reason: %s', async (driver, message) => {
  const end = { transport: 'tcp', host: '127.0.0.1', port: 0 };
  const settings = { unit: 1, end };
  await expect(startUnprofiled(driver, settings, new FakeClock())).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(message),
  });
});
