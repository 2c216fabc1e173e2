/**
 * What is heard when several speak at once: a meter sends a zero by drawing current, so that a bit is one only where
 * nobody sends a zero (EN 13757-2, 4.3.3).
 */
export function overlap(answers: readonly Buffer[]): Buffer {
  const length = Math.max(0, ...answers.map((answer) => answer.length));
  const bytes = Buffer.alloc(length, 0xff);
  for (const answer of answers) for (const [at, byte] of answer.entries()) bytes[at] = (bytes[at] ?? 0) & byte;
  return bytes;
}
