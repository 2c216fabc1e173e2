import type { ScanRange, ScanStep } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import { GatewayError, messageOf } from '../../src/model/errors.ts';
import { LOGICAL_DEVICE_NAME } from './asked-meter.ts';
import { CosemClient } from './client.ts';
import { contentOf } from './content.ts';
import type { Link } from './link.ts';
import type { Party, Way } from './way.ts';

/** Where a meter may be; `forms` are the ways in which it may be asked for there, the likeliest first. */
export type ScannedPlace = { readonly name: string; readonly forms: readonly Form[] };

/** `device`: the keys by which it is found there, as a configuration writes them. */
type Form = { readonly name: string; readonly party: Party; readonly device: ScannedKeys };
type ScannedKeys = Readonly<Record<string, number>>;

// Milliseconds: longer than a meter takes that is there, for most of those that are asked are not.
const PATIENCE = { hdlc: 500, wrapper: 1_000 } as const;

// Green Book 4.1.7.2: 16 is the public client, which every meter knows; 1 is the management client.
const CLIENTS = [16, 1] as const;
const PUBLIC = CLIENTS[0];

const MANAGEMENT = 1;
const LAST_LOGICAL = 16; // logical devices that are looked for unasked: few meters have more than two
const FRAME_BYTES = 128;

// IEC 62056-46, 6.4.2: the highest address is everybody's, the next one that of who calls.
const LAST_SHORT = 0x7d;
const LAST_PHYSICAL = 0x3ffd;
const FIRST_USUAL = 16; // those below are reserved, and used by some nevertheless

/** Where meters are looked for: by physical address in HDLC, 0 being none; by logical device behind the wrapper. */
export function placesOf(framing: 'hdlc' | 'wrapper', { addresses }: ScanRange): readonly ScannedPlace[] {
  if (framing === 'wrapper') return (addresses ?? upTo(MANAGEMENT, LAST_LOGICAL)).map(logicalPlace);
  const usual = [0, ...upTo(FIRST_USUAL, LAST_SHORT), ...upTo(MANAGEMENT, FIRST_USUAL - 1)];
  return (addresses ?? usual).filter((address) => address <= LAST_PHYSICAL).map(physicalPlace);
}

function upTo(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function logicalPlace(server: number): ScannedPlace {
  const keys: ScannedKeys = server === MANAGEMENT ? {} : { server };
  return { name: `logical device ${server}`, forms: byClient('', { server }, keys) };
}

function physicalPlace(physical: number): ScannedPlace {
  const server = MANAGEMENT;
  if (physical === 0) return { name: 'no physical address', forms: byClient('', { server }, {}) };
  const four = byClient(', 4 bytes', { server, physical, addressBytes: 4 }, { physical });
  const two = byClient(', 2 bytes', { server, physical, addressBytes: 2 }, { physical, addressBytes: 2 });
  return { name: `physical ${physical}`, forms: physical > LAST_SHORT ? four : [...four, ...two] };
}

function byClient(
  name: string,
  place: Pick<Party, 'server'> & Partial<Pick<Party, 'physical' | 'addressBytes'>>,
  device: ScannedKeys,
): readonly Form[] {
  return CLIENTS.map((client) => ({
    name: `${name}, client ${client}`,
    party: {
      name: 'the meter',
      frameBytes: FRAME_BYTES,
      client,
      physical: place.physical,
      addressBytes: place.addressBytes,
      server: place.server,
    },
    device: client === PUBLIC ? device : { ...device, client },
  }));
}

export type Searching = {
  readonly clock: Clock;
  /** How whoever is there answers; undefined where nobody does. */
  readonly ask: (party: Party) => Promise<string | undefined>;
  /** There is but one: the search ends with it. */
  readonly hasOne: boolean;
};

/** Asks at every place until somebody answers there. */
export async function* search(
  places: readonly ScannedPlace[],
  { clock, ask, hasOne }: Searching,
): AsyncGenerator<ScanStep> {
  const total = places.reduce((sum, { forms }) => sum + forms.length, 0);
  let done = 0;
  for (const { name, forms } of places) {
    const end = done + forms.length;
    for (const form of forms) {
      done += 1;
      const began = clock.monotonic();
      const answer = await ask(form.party);
      const address = `${name}${form.name}`;
      if (answer === undefined) {
        yield { address, done, total };
        continue;
      }
      // Who answers one form need not be asked for by the others.
      done = hasOne ? total : end;
      const found = { device: form.device, answer, milliseconds: clock.monotonic() - began };
      yield { address, done, total, found };
      break;
    }
    if (done === total) return;
  }
}

/** Asks one party who it is; undefined where nobody answers. Rejects with the signal's reason, or where the wire is not to be had. */
export async function meet(way: Way, party: Party, signal: AbortSignal): Promise<string | undefined> {
  const link = way.linkTo(party, { timeout: PATIENCE[way.framing], retries: 0 });
  try {
    await link.connect(signal);
    // Behind the wrapper there is nothing to connect to: the association is the first that anybody answers.
    return await introduced(link, way.framing === 'hdlc', signal);
  } catch (error) {
    signal.throwIfAborted();
    return answerIn(error);
  } finally {
    if (way.open) await link.disconnect(signal).catch(() => undefined);
  }
}

/** What a meter calls itself to whoever asks; `isThere`: it has answered before. */
async function introduced(link: Link, isThere: boolean, signal: AbortSignal): Promise<string> {
  const client = new CosemClient(link, { name: 'it', proof: { kind: 'none' } });
  try {
    await client.associate(signal);
    const result = await client.get(LOGICAL_DEVICE_NAME, signal);
    const content = 'data' in result ? contentOf(result.data) : undefined;
    return content?.kind === 'text' ? content.text : 'takes an association, and does not say its name';
  } catch (error) {
    signal.throwIfAborted();
    if (!isThere) throw error;
    return answerIn(error) ?? 'is there, and takes no association';
  }
}

/** What an error says of somebody who is there. */
function answerIn(error: unknown): string | undefined {
  if (!(error instanceof GatewayError)) throw error;
  if (error.code === 'device-refused' || error.code === 'access-refused') return messageOf(error);
  if (error.code === 'answer-malformed') return `answers, and not as DLMS does: ${messageOf(error)}`;
  if (error.code === 'no-answer' || error.code === 'connection-lost') return undefined;
  throw error;
}
