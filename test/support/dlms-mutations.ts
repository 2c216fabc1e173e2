import type { Data } from '../../drivers/dlms/data.ts';
import { KeptCounters } from '../../drivers/meter/kept-counters.ts';
import { MbusTelegrams } from '../../drivers/dlms/mbus-telegrams.ts';
import { PushedLine } from '../../drivers/dlms/pushed-line.ts';
import { PushingMeter } from '../../drivers/dlms/pushing-meter.ts';
import { deviceSchema } from '../../drivers/dlms/schema.ts';
import { HdlcTelegrams } from '../../drivers/dlms/telegrams.ts';
import { encrypted, inFrames, inSegments, KEYS, name, scale, structure, telegram, uint32 } from './dlms-telegrams.ts';
import { StillClock } from './held-wire.ts';
import { randomNumbers, type RandomNumbers } from './random-numbers.ts';

/** What became of mutated telegrams; `wrong` are those that said something which the meter had not said. */
export type MutationReport = { heard: number; untouched: number; wrong: string[] };

/** Frames of M-Bus have a sum for a check, which two errors may pass: whoever needs to be sure encrypts. */
export type MutatedForm = 'hdlc' | 'hdlc, encrypted' | 'mbus, encrypted';

const settings = deviceSchema.parse({});

/**
 * Draws a telegram, mangles the frames that carry it, delivers that in random pieces: `count` times on one line, with
 * pauses between. Every value names the one that the meter sent, so that a wrong one is known.
 */
export function mutateTelegrams(form: MutatedForm, count: number, seed: number): MutationReport {
  const random = randomNumbers(seed);
  const report: MutationReport = { heard: 0, untouched: 0, wrong: [] };
  const hear = listening(form);
  let last = 0;
  for (let round = 0; round < count; round++) {
    const sent = random.below(1_000_000) * 1_000;
    const plain = telegram(bodyOf(sent, random));
    const apdu = form === 'hdlc' ? plain : encrypted(plain, round);
    const size = 16 + random.below(200);
    const stream = Buffer.concat(form === 'mbus, encrypted' ? inSegments(apdu, size) : inFrames(apdu, size));
    const mutation = mutations[random.below(mutations.length)] ?? keep;
    const mangled = mutation(stream, random);
    const values = hear(inPieces(mangled, random));
    if (mutation === keep) report.untouched += 1;
    if (values.length > 0) report.heard += 1;
    // What noise had hidden of the last telegram is heard once the line was silent for a while.
    const isRight =
      values.every((value) => value === sent / 1_000 || value === last) && isHeard(mutation, values, sent);
    last = sent / 1_000;
    if (!isRight && !isUndetectable(stream, mangled))
      report.wrong.push(`${mutation.name}: ${values.join()} of ${sent}: ${mangled.toString('hex')}`);
  }
  return report;
}

/** Whatever was not mangled is heard. */
function isHeard(mutation: Mutation, values: readonly unknown[], sent: number): boolean {
  return mutation !== keep || values.includes(sent / 1_000);
}

/**
 * Whether the mangled stream has a frame of HDLC that was not sent and whose check sequence is right: of 65 536 errors
 * one is like that, and nobody can know it.
 */
function isUndetectable(stream: Buffer, mangled: Buffer): boolean {
  for (let start = mangled.indexOf(0x7e); start >= 0; start = mangled.indexOf(0x7e, start + 1)) {
    if (start + 3 > mangled.length) break;
    const frame = mangled.subarray(start + 1, start + 1 + (mangled.readUInt16BE(start + 1) & 0x7ff));
    if (frame.length > 8 && isIntact(frame) && !stream.includes(frame)) return true;
  }
  return false;
}

/** ISO/IEC 13239: over a frame with its check sequence the register ends at this. */
function isIntact(frame: Buffer): boolean {
  let register = 0xffff;
  for (const byte of frame) {
    for (let bit = 0; bit < 8; bit++) {
      const feedback = ((register ^ (byte >>> bit)) & 1) === 1 ? 0x8408 : 0;
      register = (register >>> 1) ^ feedback;
    }
  }
  return register === 0xf0b8;
}

function bodyOf(sent: number, random: RandomNumbers): Data {
  const energy = [name('1-0:1.8.0'), uint32(sent), scale(0, 30)];
  const more = Array.from({ length: random.below(4) }, () => structure(name('1-0:99.97.0'), { type: 'null' }));
  if (random.below(2) === 0) return structure(...energy);
  return { type: 'array', items: [...more, structure(...energy)] };
}

/** Tells the import that is understood of chunks; between two calls the line is silent for a while. */
function listening(form: MutatedForm): (chunks: readonly Buffer[]) => readonly unknown[] {
  const clock = new StillClock();
  const secrets = {
    keys: KEYS,
    counters: new KeptCounters(undefined, { protocol: 'dlms', device: 'meter' }, KEYS.encryption, () => 0),
  };
  const meter = new PushingMeter({ id: 'meter', settings, points: [] }, form === 'hdlc' ? undefined : secrets);
  const line = new PushedLine(form === 'mbus, encrypted' ? new MbusTelegrams() : new HdlcTelegrams(), [meter], {
    clock,
    connection: 'line',
    observe: () => undefined,
    answered: () => undefined,
    tap: { listener: undefined },
  });
  return (chunks) => {
    clock.now += 1_000;
    return chunks
      .flatMap((chunk) => line.hear(chunk))
      .flatMap(({ readings }) => readings)
      .filter(({ point }) => point === 'active-energy-import')
      .map(({ value }) => value);
  };
}

type Mutation = (stream: Buffer, random: RandomNumbers) => Buffer;

const keep: Mutation = (stream) => stream;

const flip: Mutation = (stream, random) => {
  const flipped = Buffer.from(stream);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(flipped.length);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.below(8)), at);
  }
  return flipped;
};

const cutOut: Mutation = (stream, random) => {
  const at = random.below(stream.length);
  return Buffer.concat([stream.subarray(0, at), stream.subarray(at + 1 + random.below(8))]);
};

const insert: Mutation = (stream, random) => {
  const at = random.below(stream.length);
  return Buffer.concat([stream.subarray(0, at), noise(random), stream.subarray(at)]);
};

const truncate: Mutation = (stream, random) => stream.subarray(0, random.below(stream.length));

const overwrite: Mutation = (stream, random) => {
  const changed = Buffer.from(stream);
  noise(random).copy(changed, random.below(changed.length));
  return changed;
};

const swap: Mutation = (stream, random) => {
  const [one, other] = [random.below(stream.length), random.below(stream.length)].toSorted((a, b) => a - b);
  return Buffer.concat([stream.subarray(other), stream.subarray(one, other), stream.subarray(0, one)]);
};

const surround: Mutation = (stream, random) => Buffer.concat([noise(random), stream, noise(random)]);

const mutations: readonly Mutation[] = [keep, flip, flip, cutOut, insert, truncate, overwrite, swap, surround];

function noise(random: RandomNumbers): Buffer {
  // What frames begin and end with comes up often.
  const marks = [0x7e, 0xa0, 0x68, 0x16, 0xe6, 0xe7, 0x0f, 0xdb];
  return Buffer.from(
    Array.from({ length: 1 + random.below(12) }, () =>
      random.below(2) === 0 ? (marks[random.below(marks.length)] ?? 0) : random.below(256),
    ),
  );
}

function inPieces(stream: Buffer, random: RandomNumbers): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const size = 1 + random.below(stream.length);
    pieces.push(stream.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
