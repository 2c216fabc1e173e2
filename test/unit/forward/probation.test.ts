import { expect, test } from 'vitest';
import { LAST_MOMENTS, Probation } from '../../../src/forward/probation.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A probation on a clock of its own, and what became of what it held. */
function probing() {
  const clock = new FakeClock();
  const probation = new Probation(clock, LAST_MOMENTS);
  const verdicts: string[] = [];
  const hold = (name: string): void =>
    probation.hold({
      confirm: () => verdicts.push(`${name} confirmed`),
      revoke: () => verdicts.push(`${name} revoked`),
    });
  return { clock, probation, verdicts, hold };
}

test('an acknowledgement is confirmed by a sign of life a second later, not by the time alone', async () => {
  const { clock, probation, verdicts, hold } = probing();
  hold('a');
  await clock.advance(500);
  hold('b');
  await clock.advance(499);
  probation.heard();
  expect(verdicts).toEqual([]);
  await clock.advance(1);
  probation.heard();
  expect(verdicts).toEqual(['a confirmed']);
  await clock.advance(60_000);
  expect(verdicts).toEqual(['a confirmed']);
  expect(clock.pending).toBe(0);
  probation.failed();
  expect(verdicts).toEqual(['a confirmed', 'b revoked']);
});

test('an end in good order confirms everything at once', () => {
  const { probation, verdicts, hold } = probing();
  hold('a');
  hold('b');
  probation.passed();
  probation.failed();
  expect(verdicts).toEqual(['a confirmed', 'b confirmed']);
});

test('what is acknowledged after the end does not count', () => {
  const { probation, verdicts, hold } = probing();
  probation.failed();
  hold('a');
  expect(verdicts).toEqual(['a revoked']);
});
