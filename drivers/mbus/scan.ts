import type { ScanRange, ScanStep } from '../../src/collect/driver.ts';
import type { Answer, Line, Request } from './line.ts';
import { manufacturerLetters, printSecondary, type Identification } from './secondary-address.ts';
import { mediumName } from './media.ts';
import { requestData, reset } from './requests.ts';
import { LAST_PRIMARY } from './schema.ts';
import { readTelegram } from './telegram.ts';

/** How a scan asks: once, and for no longer than a meter needs that keeps to the standard. */
export type ScanAsk = (device: string, request: Pick<Request, 'frame' | 'isAnswer'>) => Promise<Answer>;

/** Milliseconds that adapters and busy machines take besides what the standard allows a meter. */
const LENIENCE = 100;

export function scanAsk(line: Line, isNear: boolean, signal: AbortSignal): ScanAsk {
  // Behind a network the wait is the converter's too.
  const wait = isNear ? { wait: line.time.longestResponse + LENIENCE } : {};
  return (device, request) => line.ask({ device, ...request, ...wait }, signal);
}

/** The primary addresses to be tried, in their sequence. */
export function addressesOf({ addresses }: ScanRange): readonly number[] {
  if (addresses !== undefined) return [...new Set(addresses)].filter((address) => address <= LAST_PRIMARY);
  return Array.from({ length: LAST_PRIMARY + 1 }, (_, address) => address);
}

/** What answers at one primary address. */
export type Met = {
  readonly found: NonNullable<ScanStep['found']>;
  /** Who it is; undefined where it does not say, or several talk at once. */
  readonly identification?: Identification | undefined;
};

/** Greets an address, and asks whoever answers for its data: an acknowledgement alone may be a late one of another. */
export async function meet(address: number, ask: ScanAsk): Promise<Met | undefined> {
  const device = `address ${address}`;
  const greeting = await ask(device, { frame: reset(address) });
  if (isSilence(greeting)) return undefined;
  const data = await ask(device, {
    frame: requestData(address, true),
    isAnswer: (frame) => frame.address === address,
  });
  if (data.kind === 'data') return met(address, data);
  if (isSilence(data) || greeting.kind === 'failed') return undefined;
  const { milliseconds } = greeting;
  if (data.kind === 'acknowledged') {
    return { found: { device: { address }, answer: 'acknowledges, and has no data', milliseconds } };
  }
  const answer = 'several at once: find them by secondary addresses';
  return { found: { device: { address }, answer, milliseconds, isSeveral: true } };
}

function isSilence(answer: Answer): answer is Answer & { kind: 'failed' } {
  return answer.kind === 'failed' && answer.reason === 'no-answer';
}

function met(address: number, { frame, milliseconds }: Answer & { kind: 'data' }): Met {
  const read = readTelegram(frame);
  const identification = read.kind === 'data' ? read.header.identification : undefined;
  const answer = read.kind === 'data' ? describe(identification, read.header.id, read.records.length) : read.why;
  return { found: { device: { address }, answer, milliseconds }, identification };
}

/** `12345678 KAM 1B 04 (heat), 12 records` */
export function describe(who: Identification | undefined, id: string | undefined, records: number): string {
  const name = who === undefined ? (id ?? 'a meter') : `${printSecondary(who)} (${mediumName(who.medium)})`;
  return `${name}, ${records} ${records === 1 ? 'record' : 'records'}`;
}

/** What a meter says it is, in words. */
export function factsOf({
  id,
  manufacturer,
  version,
  medium,
}: Identification): readonly [name: string, value: string][] {
  return [
    ['id', id],
    ['manufacturer', manufacturerLetters(manufacturer)],
    ['version', version.toString(16).padStart(2, '0').toUpperCase()],
    ['medium', mediumName(medium)],
    ['secondary address', printSecondary({ id, manufacturer, version, medium })],
  ];
}
