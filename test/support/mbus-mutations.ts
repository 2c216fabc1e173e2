import { encodeFrame, Framer } from '../../drivers/mbus/frame.ts';
import { gather } from '../../drivers/mbus/gathered.ts';
import { familyOf } from '../../drivers/mbus/media.ts';
import { discovered } from '../../drivers/mbus/naming.ts';
import { readTelegram, type Telegram } from '../../drivers/mbus/telegram.ts';
import { identified, telegram } from './played-mbus.ts';
import { randomNumbers, type RandomNumbers } from './random-numbers.ts';

const RECORDS = [
  '0c7812345678 0c0612345678 0c1367452301 3b2d990000 0b3b341200 0a5a2502 0a5e2501 0b61000100 046d0f29b62b 426cbf2c 4c0600345678',
  'd493e501130a000000 0dfd110636353433 3231 02fdc8fc01fd08 02fc0348522574d411 04936f32371f15 02ff13 3930 07160100000000000000 0f010203',
  '052b0000c03f 0d13c421436587 0dfd3be3010203 8410fb023930 0000 9315 0000 2f2f 03136700001f',
];

const FRAMES = [
  ...RECORDS.map((records) =>
    encodeFrame({ kind: 'long', control: 0x08, address: 5, ...telegram(identified('12345678'), records) }),
  ),
  Buffer.from('68131368080573785634120a00e97e01000000350100003c16', 'hex'), // the fixed structure
  Buffer.from('68040468080170088116', 'hex'), // an application error
  Buffer.from('e5', 'hex'),
];

const TAIL = 2;
const NAMED = 50; // one telegram of so many is made points of: times in zones take a while

export type Mutated = {
  /** What went wrong, with the bytes. */
  readonly wrong: readonly string[];
  /** How many were read as data. */
  readonly read: number;
};

/** Feeds so many mutated frames through all that is done with an answer. */
export function mutateMbus(count: number, seed: number): Mutated {
  const random = randomNumbers(seed);
  const wrong: string[] = [];
  let read = 0;
  for (let round = 0; round < count; round++) {
    const bytes = mutated(FRAMES[random.below(FRAMES.length)] ?? Buffer.alloc(0), random);
    try {
      for (const told of telegramsIn(bytes, random)) {
        read += 1;
        const fault = faultOf(told, read % NAMED === 0);
        if (fault !== undefined) wrong.push(`${bytes.toString('hex')}: ${fault}`);
      }
    } catch (error) {
      wrong.push(`${bytes.toString('hex')}: ${String(error)}`);
    }
  }
  return { wrong, read };
}

/** Some bytes are others, some are missing or too many; mostly the checksum is made right again, to come further in. */
function mutated(frame: Buffer, random: RandomNumbers): Buffer {
  let bytes = Buffer.from(frame);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    const kind = random.below(6);
    if (kind === 0) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else if (kind === 1)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(random.below(256)), bytes.subarray(at)]);
    else if (at < bytes.length)
      bytes.writeUInt8(kind === 2 ? bytes.readUInt8(at) ^ (1 << random.below(8)) : random.below(256), at);
  }
  return random.below(8) === 0 || bytes.length < 10 ? bytes : repaired(bytes);
}

function repaired(bytes: Buffer): Buffer {
  const body = bytes.subarray(4, -TAIL);
  bytes.set([0x68, body.length & 0xff, body.length & 0xff, 0x68]);
  bytes.writeUInt8(body.reduce((sum, byte) => sum + byte, 0) & 0xff, bytes.length - TAIL);
  bytes.writeUInt8(0x16, bytes.length - 1);
  return bytes;
}

function telegramsIn(bytes: Buffer, random: RandomNumbers): readonly Telegram[] {
  const framer = new Framer();
  const cut = random.below(bytes.length + 1);
  const pieces = [...framer.push(bytes.subarray(0, cut)), ...framer.push(bytes.subarray(cut)), ...framer.drop()];
  return pieces.flatMap((piece) => {
    if (piece.kind !== 'frame' || piece.frame.kind !== 'long') return [];
    if (!isSound(piece.bytes)) throw new Error(`accepted ${piece.bytes.toString('hex')}`);
    const told = readTelegram(piece.frame);
    return told.kind === 'data' ? [told] : [];
  });
}

/** By the words of EN 13757-2, whatever the framer thinks. */
function isSound(bytes: Buffer): boolean {
  const length = bytes.readUInt8(1);
  const sum = bytes.subarray(4, 4 + length).reduce((total, byte) => (total + byte) % 256, 0);
  const isFramed = bytes[0] === 0x68 && bytes[2] === length && bytes[3] === 0x68 && bytes.at(-1) === 0x16;
  return isFramed && bytes.length === length + 6 && bytes.at(-2) === sum;
}

function faultOf(told: Telegram, isNamed: boolean): string | undefined {
  const odd = told.records.find(({ value }) => typeof value === 'number' && !Number.isFinite(value));
  if (odd !== undefined) return `${odd.place.name} is ${String(odd.value)}`;
  return isNamed ? nameFault(told) : undefined;
}

function nameFault(told: Telegram): string | undefined {
  const gathered = gather([told], 'UTC', 0);
  const family = familyOf(told.header.medium);
  for (const [name, record] of gathered) {
    const { value, reason } = record;
    if (value === null && reason === undefined) return `${name} is bad without a reason`;
    if (discovered(record, family).name === '') return `${name} has no name`;
  }
  return undefined;
}
