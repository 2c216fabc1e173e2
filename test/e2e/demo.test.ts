import { expect, test } from 'vitest';
import { runWeir } from '../support/run-weir.ts';

test('the demonstration ends with the proof, as one JSON object on the last line', async () => {
  const { exit, stdout, stderr } = await runWeir(['demo', '--seconds', '15', '--json']);
  expect(stderr).toBe('');
  expect(exit).toBe(0);
  const proof = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { committed: number; outageSeconds: number };
  expect(proof).toEqual({
    committed: expect.any(Number),
    received: proof.committed,
    missing: 0,
    repeats: expect.any(Number),
    gaps: 0,
    coverage: 'contiguous',
    outageSeconds: expect.any(Number),
    backlogPeak: expect.any(Number),
    seconds: expect.any(Number),
    readingsPerSecond: expect.any(Number),
    liveLatencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
    rssMiB: expect.any(Number),
  });
  // A busy machine reads less, and its timers are late.
  expect(proof.outageSeconds).toBeGreaterThanOrEqual(5);
  expect(proof.committed).toBeGreaterThan(1_000);
}, 120_000);
