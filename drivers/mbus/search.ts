import type { ScanRange, ScanStep } from '../../src/collect/driver.ts';
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
  for await (const { done, total, ...step } of searchSecondary(ask, known)) {
    yield { ...step, done: addresses.length + done, total: addresses.length + total };
  }
}

const DIGITS = '0123456789'.split('');
const LETTERS = 'ABCDE'.split('');

/**
 * EN 13757-7, 5.4: selects with wildcards. Where several answer at once what they say is garbled, and each is looked for
 * among those that share one digit more. `known` are left out: they were found otherwise.
 */
async function* searchSecondary(ask: ScanAsk, known: readonly Identification[]): AsyncGenerator<ScanStep, void> {
  // Depth first, so that what is found comes in the order of its numbers.
  const open: SecondaryAddress[] = [ANYONE];
  let done = 0;
  for (let mask = open.pop(); mask !== undefined; mask = open.pop()) {
    const met = await meetSelected(mask, ask);
    done += 1;
    if (met.kind === 'several') open.push(...narrower(mask).toReversed());
    const step = { address: printSecondary(mask), done, total: done + open.length };
    const isNew = met.kind === 'one' && !known.some((each) => isMeant(each, met.who));
    yield { ...step, ...(isNew && { found: met.found }) };
    if (met.kind === 'several' && narrower(mask).length === 0) yield { ...step, found: unresolved(mask) };
  }
}

type MetSelected =
  | { readonly kind: 'nobody' | 'several' }
  | { readonly kind: 'one'; readonly who: Identification; readonly found: NonNullable<ScanStep['found']> };

async function meetSelected(mask: SecondaryAddress, ask: ScanAsk): Promise<MetSelected> {
  const device = printSecondary(mask);
  const selected = await ask(device, { frame: select(mask), isAnswer: () => false });
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

/** The addresses with one part less left open: digit by digit, then by medium, then by version. */
function narrower(mask: SecondaryAddress): readonly SecondaryAddress[] {
  const place = mask.id.indexOf('F');
  if (place >= 0) {
    return [...DIGITS, ...LETTERS].map((digit) => ({
      ...mask,
      id: mask.id.slice(0, place) + digit + mask.id.slice(place + 1),
    }));
  }
  if (mask.medium === undefined) return media.map((medium) => ({ ...mask, medium }));
  if (mask.version === undefined) return Array.from({ length: MOST_VERSION }, (_, version) => ({ ...mask, version }));
  return [];
}

const MOST_VERSION = 255;

function unresolved(mask: SecondaryAddress): NonNullable<ScanStep['found']> {
  return {
    device: { address: printSecondary(mask) },
    answer: 'several that only differ in their maker',
    milliseconds: 0,
  };
}
