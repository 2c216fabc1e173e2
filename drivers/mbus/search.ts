import type { ScanRange, ScanStep } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { media } from './media.ts';
import { requestData, select, SELECTED } from './requests.ts';
import { addressesOf, describe, meet, type ScanAsk } from './scan.ts';
import { ANYONE, isMeant, printSecondary, type Identification, type SecondaryAddress } from './secondary-address.ts';
import { readTelegram } from './telegram.ts';

/** Looks at each primary address, and then, unless addresses are given, for those that only have a secondary one. */
export async function* searchLine(range: ScanRange, ask: ScanAsk): AsyncGenerator<ScanStep, void> {
  const addresses = addressesOf(range);
  const searched = range.addresses === undefined ? 1 : 0;
  const known: Identification[] = [];
  for (const [index, address] of addresses.entries()) {
    const met = await meet(address, ask);
    if (met?.identification !== undefined) known.push(met.identification);
    const step = { address: `address ${address}`, done: index + 1, total: addresses.length + searched };
    yield { ...step, ...(met !== undefined && { found: met.found }) };
  }
  if (searched === 0) return;
  yield* explore(ANYONE, { ask, known, done: addresses.length, open: 1, garbled: 0 });
}

/** A search under way: how many addresses were tried, how many are known to follow, and how many were garbled in a row. */
type Search = { readonly ask: ScanAsk; readonly known: Identification[]; done: number; open: number; garbled: number };

// From all meters down to one there are eight digits, the medium and the version: more in a row are no collisions.
const MOST_GARBLED = 30;

// Where several spoke at once there are two at least: if fewer are found, some were not heard, or have letters for digits.
const LEAST_OF_SEVERAL = 2;
const ROUNDS = 2;

/**
 * EN 13757-7, 5.4: selects with wildcards. Where several answer at once what they say is garbled, and each is looked for
 * among those that share one digit more. Ends with how many there are.
 */
async function* explore(mask: SecondaryAddress, search: Search): AsyncGenerator<ScanStep, number> {
  const met = await meetSelected(mask, search.ask);
  search.done += 1;
  search.open -= 1;
  search.garbled = met.kind === 'several' ? search.garbled + 1 : 0;
  if (search.garbled > MOST_GARBLED) {
    throw new GatewayError(
      'answer-malformed',
      'whatever is asked, the answer is garbled: look for a disturbance of the line',
    );
  }
  const found = worthTelling(mask, met, search);
  const progress = { done: search.done, total: search.done + search.open };
  yield { address: printSecondary(mask), ...progress, ...(found !== undefined && { found }) };
  return met.kind === 'several' ? yield* exploreParts(mask, search) : Number(met.kind === 'one');
}

/** A meter that is new, or several that cannot be told apart. */
function worthTelling(mask: SecondaryAddress, met: MetSelected, { known }: Search): ScanStep['found'] {
  if (met.kind === 'several') return narrower(mask, 0).length === 0 ? unresolved(mask) : undefined;
  if (met.kind !== 'one' || known.some((each) => isMeant(each, met.who))) return undefined;
  known.push(met.who);
  return met.found;
}

async function* exploreParts(mask: SecondaryAddress, search: Search): AsyncGenerator<ScanStep, number> {
  if (narrower(mask, 0).length === 0) return LEAST_OF_SEVERAL;
  let count = 0;
  for (let round = 0; round < ROUNDS && count < LEAST_OF_SEVERAL; round++) {
    const parts = narrower(mask, round);
    search.open += parts.length;
    count = 0;
    for (const part of parts) count += yield* explore(part, search);
  }
  return count;
}

type MetSelected =
  | { readonly kind: 'nobody' | 'several' }
  | { readonly kind: 'one'; readonly who: Identification; readonly found: NonNullable<ScanStep['found']> };

async function meetSelected(mask: SecondaryAddress, ask: ScanAsk): Promise<MetSelected> {
  const device = printSecondary(mask);
  const selected = await ask(device, { frame: select(mask) });
  if (selected.kind === 'failed') return { kind: selected.reason === 'no-answer' ? 'nobody' : 'several' };
  const data = await ask(device, { frame: requestData(SELECTED, true), isAnswer: () => true });
  if (data.kind !== 'data')
    return { kind: data.kind === 'failed' && data.reason === 'no-answer' ? 'nobody' : 'several' };
  const read = readTelegram(data.frame);
  const who = read.kind === 'data' ? read.header.identification : undefined;
  // One sound telegram of two that overlapped is a rare accident; of a meter that was not meant it is a late one.
  if (who === undefined || !isMeant(who, mask)) return { kind: 'several' };
  const records = read.kind === 'data' ? read.records.length : 0;
  const found = {
    device: { address: printSecondary(who) },
    answer: describe(who, undefined, records),
    milliseconds: data.milliseconds,
  };
  return { kind: 'one', who, found };
}

const DIGITS = '0123456789'.split('');
const LETTERS = 'ABCDE'.split('');

/** The addresses with one part less left open: digit by digit, then by medium, then by version. */
function narrower(mask: SecondaryAddress, round: number): readonly SecondaryAddress[] {
  const place = mask.id.indexOf('F');
  if (place >= 0) {
    const digits = round === 0 ? DIGITS : [...DIGITS, ...LETTERS];
    return digits.map((digit) => ({ ...mask, id: mask.id.slice(0, place) + digit + mask.id.slice(place + 1) }));
  }
  if (mask.medium === undefined) return media.map((medium) => ({ ...mask, medium }));
  if (mask.version === undefined) return Array.from({ length: MOST_VERSION }, (_, version) => ({ ...mask, version }));
  return [];
}

const MOST_VERSION = 255;

function unresolved(mask: SecondaryAddress): NonNullable<ScanStep['found']> {
  return {
    device: { address: printSecondary(mask) },
    answer: 'several that only differ in their maker, or one that is always disturbed',
    milliseconds: 0,
    isSeveral: true,
  };
}
