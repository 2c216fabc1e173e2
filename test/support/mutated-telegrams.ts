import { randomNumbers, type RandomNumbers } from './random-numbers.ts';

/** What became of mutated telegrams; `wrong` are things understood that nobody sent, `missed` whole ones not understood. */
export type TelegramReport = { mutated: number; wrong: string[]; missed: string[] };

type Mutation = (telegram: Buffer, random: RandomNumbers) => Buffer;

/** Changes that every checksum shows, eight bits or sixteen: whatever is taken for a telegram then is a fault. */
const shown: readonly Mutation[] = [bitTurned, byteReplaced, cutOff];
/** Changes that a checksum shows nearly always: they may only not throw, hang, or keep the next from being understood. */
const wild: readonly Mutation[] = [partRemoved, bytesInserted, partRepeated, scrambled];

const MOST_SHOWN = 5;

/**
 * Mutates one of these telegrams, has an untouched one follow, and delivers both in random pieces, `count` times.
 * `understood` names what was understood in pieces, each time on a line of its own.
 */
export function mutateTelegrams(
  telegrams: readonly Buffer[],
  understood: (pieces: readonly Buffer[]) => readonly string[],
  { count, seed }: { readonly count: number; readonly seed: number },
): TelegramReport {
  const random = randomNumbers(seed);
  const known = new Set(telegrams.flatMap((telegram) => understood([telegram])));
  const report: TelegramReport = { mutated: 0, wrong: [], missed: [] };
  for (let round = 0; round < count; round += 1) {
    const telegram = telegrams[random.below(telegrams.length)] ?? Buffer.alloc(0);
    const isShown = random.below(2) === 0;
    const kinds = isShown ? shown : wild;
    const mutated = kinds[random.below(kinds.length)]?.(telegram, random) ?? telegram;
    const told = understood(inPieces(Buffer.concat([mutated, telegram]), random));
    report.mutated += 1;
    if (isShown) judge(report, known, { mutated, told });
  }
  return report;
}

function judge(
  { wrong, missed }: TelegramReport,
  known: ReadonlySet<string>,
  { mutated, told }: { readonly mutated: Buffer; readonly told: readonly string[] },
): void {
  const place = `${mutated.toString('hex')} gave ${told.join(' | ')}`;
  if (wrong.length < MOST_SHOWN && told.some((one) => !known.has(one))) wrong.push(place);
  if (missed.length < MOST_SHOWN && !told.some((one) => known.has(one))) missed.push(place);
}

function inPieces(bytes: Buffer, random: RandomNumbers): readonly Buffer[] {
  const first = random.below(bytes.length + 1);
  const second = first + random.below(bytes.length - first + 1);
  return [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
}

function bitTurned(telegram: Buffer, random: RandomNumbers): Buffer {
  const copy = Buffer.from(telegram);
  const place = random.below(copy.length);
  copy.writeUInt8(copy.readUInt8(place) ^ (1 << random.below(8)), place);
  return copy;
}

function byteReplaced(telegram: Buffer, random: RandomNumbers): Buffer {
  const copy = Buffer.from(telegram);
  copy.writeUInt8(random.below(256), random.below(copy.length));
  return copy;
}

function cutOff(telegram: Buffer, random: RandomNumbers): Buffer {
  return telegram.subarray(0, random.below(telegram.length));
}

function partRemoved(telegram: Buffer, random: RandomNumbers): Buffer {
  const start = random.below(telegram.length);
  return Buffer.concat([telegram.subarray(0, start), telegram.subarray(start + 1 + random.below(8))]);
}

function bytesInserted(telegram: Buffer, random: RandomNumbers): Buffer {
  const start = random.below(telegram.length);
  const inserted = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
  return Buffer.concat([telegram.subarray(0, start), inserted, telegram.subarray(start)]);
}

function partRepeated(telegram: Buffer, random: RandomNumbers): Buffer {
  const start = random.below(telegram.length);
  const end = start + random.below(telegram.length - start);
  return Buffer.concat([telegram.subarray(0, end), telegram.subarray(start)]);
}

function scrambled(telegram: Buffer, random: RandomNumbers): Buffer {
  const copy = Buffer.from(telegram);
  for (let count = 2 + random.below(12); count > 0; count -= 1)
    copy.writeUInt8(random.below(256), random.below(copy.length));
  return copy;
}
