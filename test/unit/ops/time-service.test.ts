import { expect, test } from 'vitest';
import { timeServiceIn } from '../../../src/ops/time-service.ts';

test.each([
  ['NTP=yes\nNTPSynchronized=yes\n', 'synchronised'],
  ['NTP=no\nNTPSynchronized=yes\n', 'synchronised'], // by something that systemd knows nothing of, in the kernel's mark
  ['NTP=yes\nNTPSynchronized=no\n', 'waiting'],
  ['NTP=no\nNTPSynchronized=no\n', 'idle'],
  ['', 'absent'],
] as const)('%j of timedatectl means that the time service is %s', (answer, meaning) => {
  expect(timeServiceIn(answer)).toBe(meaning);
});
