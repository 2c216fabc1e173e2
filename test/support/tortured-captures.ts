import type { Capture } from './captures.ts';

/** What is understood in bytes that arrive in these chunks. */
type Understood<Expected> = (chunks: readonly Buffer[], expected: Expected) => readonly unknown[];

/**
 * Everything that may happen to a capture on its way: each split in two, each cut, each bit turned of the first `head`
 * bytes. Returns what was understood of it that is not in the capture, or should have been and was not; `step` leaves out
 * splits and cuts between.
 */
export function torture<Expected>(
  { bytes, expected }: Capture<Expected>,
  understood: Understood<Expected>,
  { step, head }: { readonly step: number; readonly head: number },
): readonly string[] {
  const whole = understood([bytes], expected).map((one) => JSON.stringify(one));
  const known = new Set(whole);
  const wrong: string[] = [];
  const told = (chunks: readonly Buffer[]): readonly string[] =>
    understood(chunks, expected).map((one) => JSON.stringify(one));
  for (let place = 0; place < bytes.length; place += step) {
    const split = told([bytes.subarray(0, place), bytes.subarray(place)]);
    if (split.join() !== whole.join()) wrong.push(`split at ${place}`);
    const cut = told([bytes.subarray(0, place)]);
    if (cut.join() !== whole.slice(0, cut.length).join()) wrong.push(`cut at ${place}`);
  }
  for (let bit = 0; bit < Math.min(head, bytes.length) * 8; bit += 1) {
    const spoilt = Buffer.from(bytes);
    spoilt.writeUInt8(spoilt.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    if (told([spoilt]).some((one) => !known.has(one))) wrong.push(`bit ${bit}`);
  }
  return wrong;
}
