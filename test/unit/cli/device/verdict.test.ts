import { expect, test } from 'vitest';
import { requireValue } from '../../../../src/cli/device/verdict.ts';

const good = { quality: 'good' } as const;
const bad = (reason: 'no-answer' | 'not-connected' | 'refused') => ({ quality: 'bad', reason }) as const;

test.each([[[]], [[good]], [[bad('refused'), { quality: 'uncertain', reason: 'time' } as const]]])(
  'one value is enough, and who asked for nothing missed nothing: %j',
  (readings) => expect(() => requireValue('meter', readings)).not.toThrow(),
);

test.each([
  [[bad('no-answer'), bad('no-answer')], 'no-answer', 'meter does not answer'],
  [[bad('not-connected')], 'connection-lost', 'meter is not connected'],
  [[bad('refused'), bad('no-answer'), bad('refused')], 'nothing-read', /no value at all: refused, no-answer$/],
])('a read without any value fails: %j is %s', (readings, code, message) => {
  expect(() => requireValue('meter', readings)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});
