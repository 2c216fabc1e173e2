import { setFlagsFromString } from 'node:v8';

// The launcher (weir.mjs) keeps V8 from taking memory before it collects, which suits nearly every gateway. From this
// rate on collecting so often would cost more than the memory is worth.
const BUSY = 15_000; // readings per second

const GENEROUS_HEAP = ['--semi-space-growth-factor=2', '--heap-growing-percent=50'];

let generous = false;

/** To be called once the gateway runs: V8 went for little code while it started, and for quick code from here on. */
export function endStart(): void {
  setFlagsFromString('--no-optimize-for-size');
}

/** Lets the heap grow once so much is read; it is not taken back, for such a gateway will be busy again. */
export function fitHeap(readingsPerSecond: number): void {
  if (generous || readingsPerSecond < BUSY) return;
  generous = true;
  for (const flag of GENEROUS_HEAP) setFlagsFromString(flag);
}
