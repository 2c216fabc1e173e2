import { expect, test } from 'vitest';
import { asGatewayError, errorCodes, GatewayError, messageOf } from '../../../src/model/errors.ts';

test('every code has a documented exit code and a sentence for the technician', () => {
  for (const [code, { exit, advice }] of Object.entries(errorCodes)) {
    expect.soft([1, 64, 69, 75, 78], code).toContain(exit);
    expect.soft(advice, code).toMatch(/^[A-Z].*\.$/);
  }
});

test('an error knows its remedy from its code, and keeps its cause', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new GatewayError('connection-failed', 'switchroom: 192.0.2.10:502 refused', { cause });
  expect(error).toMatchObject({ name: 'GatewayError', code: 'connection-failed', remedy: 'retry', cause });
});

test('a message is one line, whatever was thrown', () => {
  expect(messageOf(new Error('first\n   second\n'))).toBe('first second ');
  expect(messageOf('plain text')).toBe('plain text');
  expect(messageOf(undefined)).toBe('undefined');
});

test('our own errors pass unchanged, others are wrapped under the code given', () => {
  const ours = new GatewayError('no-answer', 'silent');
  expect(asGatewayError(ours, 'failed')).toBe(ours);
  const theirs = new TypeError('x is undefined');
  expect(asGatewayError(theirs, 'failed')).toMatchObject({ code: 'failed', message: 'x is undefined', cause: theirs });
});
