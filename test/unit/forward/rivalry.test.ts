import { expect, test } from 'vitest';
import { Rivalry } from '../../../src/forward/rivalry.ts';
import { GatewayError, type ErrorCode } from '../../../src/model/errors.ts';

type End = { readonly code: ErrorCode; readonly lasted?: number; readonly idle?: boolean; readonly ours?: boolean };

const soon: End = { code: 'destination-lost', lasted: 2000 };
const unreachable: End = { code: 'destination-unreachable' };

/** Whether a rival is suspected after each of these ends, one after the other. */
function suspicions(...ends: readonly End[]): readonly boolean[] {
  let now = 0;
  const rivalry = new Rivalry({ monotonic: () => now });
  return ends.map(({ code, lasted, idle = true, ours = false }) => {
    if (lasted !== undefined) {
      rivalry.connected();
      now += lasted;
      rivalry.ended(idle);
    }
    const { message } = rivalry.judge(new GatewayError(code, 'over'), ours);
    expect(message.includes('same gateway.id')).toBe(rivalry.isSuspected && code === 'destination-lost' && !ours);
    return rivalry.isSuspected;
  });
}

test('the third connection that ends soon, with nothing to blame, is laid at the door of a rival', () => {
  expect(suspicions(soon, soon, soon)).toEqual([false, false, true]);
});

test('once suspected, only a connection that lasts makes it forgotten', () => {
  const later = { ...soon, lasted: 30_000 };
  const lasting = { ...soon, lasted: 60_000 };
  expect(suspicions(soon, soon, soon, later, lasting, soon)).toEqual([false, false, true, true, false, false]);
});

test('a broker that is restarted over and over is no rival: it is out of reach meanwhile', () => {
  const ends = [soon, unreachable, soon, unreachable, soon, unreachable, soon, unreachable];
  expect(suspicions(...ends)).toEqual(ends.map(() => false));
});

test('what was on its way may be to blame, a refusal has its own words, and our own wish is nobody’s fault', () => {
  const busy = { ...soon, idle: false };
  const refused: End = { code: 'destination-refused', lasted: 2000 };
  const ours = { ...soon, ours: true };
  const ends = [busy, busy, busy, refused, refused, ours, ours, ours, soon, soon];
  expect(suspicions(...ends)).toEqual(ends.map(() => false));
});
