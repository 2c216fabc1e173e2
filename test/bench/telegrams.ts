// Telegrams a second from bytes to readings of all their points, as a driver makes them: node test/bench/telegrams.ts

import { P1Ear } from '../../drivers/p1/session.ts';
import { SmlEar } from '../../drivers/sml/session.ts';
import type { Pushed } from '../../src/collect/driver.ts';
import { systemClock } from '../../src/model/clock.ts';
import { p1Telegram } from '../support/p1-telegrams.ts';
import { smlFile } from '../support/sml-telegrams.ts';

const SPAN = 2_000; // milliseconds
const DIFFERENT = 500; // so that no cache of what was said helps

const context = {
  clock: systemClock,
  connection: 'bench',
  observe: () => undefined,
  answered: () => undefined,
  tap: { listener: undefined },
};

type Decoder = { readonly hear: (bytes: Buffer) => readonly Pushed[] };

function perSecond(
  telegrams: readonly Buffer[],
  ear: Decoder,
): { readonly rate: number; readonly cost: number; readonly readings: number } {
  let [count, readings] = [0, 0];
  const began = performance.now();
  const used = process.cpuUsage();
  while (performance.now() - began < SPAN) {
    for (const telegram of telegrams) for (const pushed of ear.hear(telegram)) readings += pushed.readings.length;
    count += telegrams.length;
  }
  const { user, system } = process.cpuUsage(used);
  return {
    rate: (count * 1_000) / (performance.now() - began),
    cost: (user + system) / count,
    readings: readings / count,
  };
}

function report(name: string, telegrams: readonly Buffer[], ear: Decoder): void {
  const bytes = telegrams[0]?.length ?? 0;
  perSecond(telegrams, ear); // the compiler learns
  const { rate, cost, readings } = perSecond(telegrams, ear);
  console.log(
    `${name}: ${Math.round(rate)} telegrams/s of ${bytes} bytes, ${readings} readings each, ${cost.toFixed(1)} µs of a processor`,
  );
}

const numbers = Array.from({ length: DIFFERENT }, (_, number) => number);
const phases = numbers.slice(0, 6).map((number) => `1-0:${number * 10 + 21}.7.0(0${number}.123*kW)`);

report(
  'SML',
  numbers.map((number) => smlFile({ energy: BigInt(224_624_136 + number), power: number - 250 })),
  new SmlEar([{ id: 'meter', settings: {}, points: [] }], [], context),
);
report(
  'P1',
  numbers.map((number) => p1Telegram({ energy: `${String(100_000 + number)}.456`, power: '00.244' }, phases)),
  new P1Ear({ id: 'meter', settings: { timezone: 'Europe/Amsterdam' }, points: [] }, undefined, context),
);
