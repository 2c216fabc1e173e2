import { expect, test } from 'vitest';
import { tapHiding, type FrameTap } from '../../../src/wire/trace.ts';

function shownBy(secrets: readonly string[], bytes: string): string {
  let shown = '';
  const tap: FrameTap = { listener: (frame) => (shown = frame.bytes.toString('latin1')) };
  const sent = Buffer.from(bytes, 'latin1');
  const hiding = tapHiding(
    tap,
    secrets.map((secret) => Buffer.from(secret, 'latin1')),
  );
  hiding.listener?.({ direction: 'sent', bytes: sent, meaning: '' });
  expect(sent.toString('latin1'), 'what goes over the wire stays as it is').toBe(bytes);
  return shown;
}

test.each([
  [['secret'], 'a secret, and the secret again', 'a ******, and the ****** again'],
  [['aa'], 'baaab', 'b***b'],
  [['**', ''], 'a ** b', 'a ** b'],
  [['one', 'two'], 'one two three', '*** *** three'],
  [[], 'nothing to hide', 'nothing to hide'],
])('of %j nothing is shown in "%s"', (secrets, bytes, shown) => {
  expect(shownBy(secrets, bytes)).toBe(shown);
});

test('while nobody watches there is nobody to show anything to', () => {
  const tap: FrameTap = { listener: undefined };
  const hiding = tapHiding(tap, [Buffer.from('secret')]);
  expect(hiding.listener).toBeUndefined();
  tap.listener = () => undefined;
  expect(hiding.listener).toBeTypeOf('function');
});
