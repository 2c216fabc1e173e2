import { expect, test } from 'vitest';
import type { Report } from '../../../src/ops/events.ts';
import { Refusals } from '../../../src/serve/opcua/refusals.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function refusing() {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const report: Report = (event, fields) => void told.push([event, fields]);
  return { clock, told, refusals: new Refusals('scada', { clock, report }) };
}

test('of a flood of clients the first ten of a minute are named, the others counted', async () => {
  const { clock, told, refusals } = refusing();
  for (let client = 0; client < 10_000; client += 1) refusals.add(`client ${client}`, 'untrusted');
  expect(told).toHaveLength(10);
  expect(told[9]).toEqual(['client-refused', { server: 'scada', client: 'client 9', reason: 'untrusted' }]);
  await clock.advance(60_000);
  expect(told.slice(10)).toEqual([['clients-refused', { server: 'scada', count: 9_990 }]]);
  refusals.add('the next', 'untrusted');
  expect(told.at(-1)).toEqual(['client-refused', { server: 'scada', client: 'the next', reason: 'untrusted' }]);
});

test('a few are named, and nothing is told of the rest when there is none', async () => {
  const { clock, told, refusals } = refusing();
  refusals.add('one', 'wrong password');
  await clock.advance(60_000);
  refusals.flush();
  expect(told).toHaveLength(1);
});

test('a name that never ends is cut', () => {
  const { told, refusals } = refusing();
  refusals.add('x'.repeat(100_000), 'y'.repeat(100_000));
  expect(JSON.stringify(told).length).toBeLessThan(700);
});
