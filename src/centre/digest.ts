import type { ReceivedReading } from './message.ts';

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

// The lowest bit says which of the two a digest is.
const UNSURE = 1;

/** Reasons of a reading that is uncertain for the clock of its gateway. */
const doubts: readonly (string | null)[] = ['time', 'unverified'];

/** Whether it is of a reading whose time was not for sure. */
export function isUnsure(known: number): boolean {
  return (known & UNSURE) !== 0;
}

/**
 * 31 bits of what was read, by MurmurHash3, and one that says whether its time is for sure; never 0. Two different
 * readings agree once in 2^31. Without the unit: whether it is said depends on the catalogue of the day.
 */
export function digest(reading: ReceivedReading): number {
  return reading.clock === undefined ? sureDigest(reading) : unsureDigest(reading);
}

function sureDigest(reading: ReceivedReading): number {
  let hash = mixNumber(contentHash(reading), reading.time);
  hash = mix(hash, reading.quality.charCodeAt(0));
  hash = mixText(hash, reading.reason ?? '');
  return (finish(hash) & ~UNSURE) >>> 0 || 2;
}

/**
 * The same without what a correction of the gateway's clock may change: the time, and that it is doubted. Nor why a
 * reading is not simply good, like `unverified`: the doubt of its time stood in the place of that.
 */
export function unsureDigest(reading: ReceivedReading): number {
  const isDoubted = reading.quality === 'uncertain' && doubts.includes(reading.reason);
  const isGood = isDoubted || reading.quality === 'good';
  let hash = mix(contentHash(reading), (isGood ? 'good' : reading.quality).charCodeAt(0));
  hash = mixText(hash, isGood ? '' : (reading.reason ?? ''));
  return (finish(hash) | UNSURE) >>> 0;
}

function contentHash(reading: ReceivedReading): number {
  const hash = mixNumber(mixText(0, reading.point), reading.sourceTime ?? -1);
  return mixValue(hash, reading.value);
}

function mixValue(hash: number, value: ReceivedReading['value']): number {
  if (typeof value === 'number') return mixNumber(mix(hash, 1), value);
  if (typeof value === 'string') return mixText(mix(hash, 2), value);
  return mix(hash, value === null ? 3 : 4 + Number(value));
}

function mixNumber(hash: number, value: number): number {
  bits[0] = value;
  return mix(mix(hash, words[0] ?? 0), words[1] ?? 0);
}

function mixText(hash: number, text: string): number {
  let mixed = mix(hash, text.length);
  for (let position = 0; position < text.length; position += 1) mixed = mix(mixed, text.charCodeAt(position));
  return mixed;
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64;
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
