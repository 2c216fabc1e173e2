// How many telegrams are decoded, from bytes to values, in a second of one processor: `node test/bench/mbus-telegrams.ts`.
// It is the time of the processor that counts: a machine that is busy with other things changes nothing about the decoder.
import { encodeFrame, Framer } from '../../drivers/mbus/frame.ts';
import { readTelegram } from '../../drivers/mbus/telegram.ts';
import { mbusCaptures } from '../support/mbus-captures.ts';
import { hasPeer } from '../support/peers.ts';
import { identified, telegram } from '../support/played-mbus.ts';

const SPAN = 2_000; // milliseconds of the processor
const GOAL = 20_000; // telegrams a second

// What a heat meter sends: 14 records.
const HEAT =
  '0c7812345678 0c0612345678 0c1367452301 0b2d990000 0b3b341200 0a5a2502 0a5e2501 0b61000100 046d0f29b62b 426cbf2c 4c0600345678 4c1300345678 02fd170000 0c2255110000';
const composed = encodeFrame({ kind: 'long', control: 8, address: 5, ...telegram(identified('12345678'), HEAT) });

function measure(frames: readonly Buffer[]): { readonly telegrams: number; readonly records: number } {
  const framer = new Framer();
  const began = process.cpuUsage();
  const spent = (): number => (({ user, system }) => (user + system) / 1_000)(process.cpuUsage(began));
  let telegrams = 0;
  let records = 0;
  while (spent() < SPAN) {
    for (const frame of [...frames, ...frames, ...frames, ...frames]) {
      for (const piece of framer.push(frame)) {
        if (piece.kind !== 'frame' || piece.frame.kind !== 'long') continue;
        const read = readTelegram(piece.frame);
        telegrams += 1;
        records += read.kind === 'data' ? read.records.length : 0;
      }
    }
  }
  const seconds = spent() / 1_000;
  return { telegrams: telegrams / seconds, records: records / seconds };
}

function show(name: string, frames: readonly Buffer[]): void {
  measure(frames); // warm
  const { telegrams, records } = measure(frames);
  const verdict = telegrams >= GOAL ? 'held' : 'NOT held';
  console.info(
    `${name}: ${Math.round(telegrams)} telegrams/s, ${Math.round(records)} records/s (${GOAL} telegrams/s asked for: ${verdict})`,
  );
}

show('a heat meter of 14 records', [composed]);
if (hasPeer('fixtures'))
  show(
    'the captures of 32 real meters',
    mbusCaptures().map(({ bytes }) => bytes),
  );
