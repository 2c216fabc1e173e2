import { setFlagsFromString } from 'node:v8';

// The launcher (weir.mjs) keeps V8 from taking memory before it collects, which suits nearly every gateway. From this
// rate on collecting so often would cost more than the memory is worth.
const BUSY = 50_000; // readings per second

const GENEROUS_HEAP = ['--no-optimize-for-size', '--semi-space-growth-factor=2', '--heap-growing-percent=50'];

let generous = false;

/** Lets the heap grow once so much is read; it is not taken back, for such a gateway will be busy again. */
export function fitHeap(readingsPerSecond: number): void {
  if (generous || readingsPerSecond < BUSY) return;
  generous = true;
  for (const flag of GENEROUS_HEAP) setFlagsFromString(flag);
}
