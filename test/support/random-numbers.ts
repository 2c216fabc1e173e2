/** Random numbers that a seed repeats, so that what a test once found it finds again. */
export type RandomNumbers = {
  /** 0 … `limit` - 1. */
  below(limit: number): number;
  /** A signed integer of up to `bits` bits. */
  integer(bits: number): bigint;
  /** A finite double of any magnitude. */
  float64(): number;
};

export function randomNumbers(seed: number): RandomNumbers {
  let state = seed;
  // Mulberry32: small, and far better than these tests need.
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const bits64 = (): bigint => (BigInt(word()) << 32n) | BigInt(word());
  const view = new DataView(new ArrayBuffer(8));
  const float64 = (): number => {
    view.setBigUint64(0, bits64());
    const value = view.getFloat64(0);
    return Number.isFinite(value) ? value : float64();
  };
  return {
    below: (limit) => word() % limit,
    integer: (bits) => BigInt.asUintN(bits, bits64()) * (word() % 2 === 0 ? 1n : -1n),
    float64,
  };
}
