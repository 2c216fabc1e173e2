/**
 * What is heard when several speak at once: a meter sends a zero by drawing current, so that a bit is one only where
 * nobody sends a zero (EN 13757-2, 4.3.3). No two begin at the same time: here each a character after the one before.
 */
export function overlap(answers: readonly Buffer[]): Buffer {
  const length = Math.max(0, ...answers.map((answer, start) => start + answer.length));
  const bytes = Buffer.alloc(length, 0xff);
  for (const [start, answer] of answers.entries()) {
    for (const [at, byte] of answer.entries()) bytes.writeUInt8(bytes.readUInt8(start + at) & byte, start + at);
  }
  return bytes;
}
