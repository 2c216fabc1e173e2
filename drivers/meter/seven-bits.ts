// IEC 62056-21, 4.2: seven bits and even parity. Where a line carries eight bits without, the eighth is the parity.

const DATA = 0x7f;
const PARITY = 0x80;
/** Stands for a character that was garbled: no meter sends it. */
const GARBLED = 0x1a;

const PARITIES = Uint8Array.from({ length: 128 }, (_, character) => {
  let ones = 0;
  for (let bits = character; bits > 0; bits >>>= 1) ones += bits & 1;
  return (ones & 1) === 1 ? PARITY : 0;
});

/** The characters, each with the bit that makes its parity even. */
export function withParity(characters: Buffer): Buffer {
  return Buffer.from(characters.map((character) => (character & DATA) | (PARITIES[character & DATA] ?? 0)));
}

/** The characters without their parity; one whose parity is odd becomes one that belongs nowhere. */
export function withoutParity(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => ((byte & PARITY) === PARITIES[byte & DATA] ? byte & DATA : GARBLED)));
}
