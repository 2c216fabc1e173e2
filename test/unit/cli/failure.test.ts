import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportFailure } from '../../../src/cli/failure.ts';
import { Interruption } from '../../../src/cli/interruption.ts';
import { errorCodes, GatewayError, type ErrorCode } from '../../../src/model/errors.ts';

let written: string;

beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const codes = Object.keys(errorCodes) as ErrorCode[];

test.each(codes)('%s is told with its advice, and exits with its code', (code) => {
  expect(reportFailure(new GatewayError(code, 'it broke'), {})).toBe(errorCodes[code].exit);
  expect(written).toBe(`weir: it broke\n→ ${errorCodes[code].advice}\n`);
});

test('several faults are several lines', () => {
  reportFailure(new GatewayError('configuration-invalid', 'a.yaml:1:1 first\na.yaml:2:1 second'), {});
  expect(written).toMatch(/^weir: a.yaml:1:1 first\nweir: a.yaml:2:1 second\n→ /);
});

test('with --json it is one object on one line', () => {
  reportFailure(new GatewayError('no-answer', 'unit 7 is silent'), { json: true });
  expect(JSON.parse(written)).toEqual({
    error: { code: 'no-answer', message: 'unit 7 is silent', advice: errorCodes['no-answer'].advice, exit: 69 },
  });
});

test('a fault of our own shows its stack to whoever debugs, and to nobody else', () => {
  const shown = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(reportFailure(new TypeError('x is undefined'), {})).toBe(1);
  expect(shown).not.toHaveBeenCalled();
  vi.stubEnv('WEIR_DEBUG', '1');
  reportFailure(new TypeError('x is undefined'), {});
  expect(shown).toHaveBeenCalledOnce();
});

test('what failed first is told, not what failed while closing', () => {
  const first = new GatewayError('journal-failed', 'the disk is gone');
  expect(reportFailure(new SuppressedError(new Error('cannot close'), first), {})).toBe(1);
  expect(written).toMatch(/^weir: the disk is gone\n/);
});

test('an interruption is no failure: nothing is said', () => {
  expect(reportFailure(new Interruption(130), {})).toBe(130);
  expect(written).toBe('');
});
