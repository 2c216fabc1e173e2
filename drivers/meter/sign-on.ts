import type { Conversation } from './conversation.ts';
import { chooseBaud, describe, findIdentification, type Identification } from './identification.ts';

/** Whom a sign-on is meant for: empty for whichever hears us; zeros that are sent first to a meter that sleeps. */
export type SignedOn = { readonly address: string; readonly wakeup: number };

/** How fast a line begins, and how fast it may become. */
export type Speeds = { readonly first: number; readonly most: number };

// IEC 62056-21, 6.3.3: what is to happen after the identification, as protocol procedure and mode.
const OPTIONS = {
  readout: { procedure: '0', mode: '0' },
  programming: { procedure: '0', mode: '1' },
  hdlc: { procedure: '2', mode: '2' },
} as const;

export type Option = keyof typeof OPTIONS;

const ACK = 0x06;
const CHARACTER_BITS = 10;
const WAKING = 1_500; // milliseconds between the zeros and the request (IEC 62056-21, annex on battery meters)

/** `/?ADDRESS!`: who is there? */
export function whoIsThere(address: string): Buffer {
  return Buffer.from(`/?${address}!\r\n`, 'latin1');
}

/** 6.3.3: chooses what happens next, and how fast. */
function selectOption(option: Option, baudCharacter: string): Buffer {
  const { procedure, mode } = OPTIONS[option];
  return Buffer.from(`${String.fromCharCode(ACK)}${procedure}${baudCharacter}${mode}\r\n`, 'latin1');
}

/** Asks a meter who it is, at the speed at which conversations begin. Rejects with a Misunderstanding, or as the line. */
export async function signOn(
  line: Conversation,
  { address, wakeup }: SignedOn,
  first: number,
  signal: AbortSignal,
): Promise<Identification> {
  await line.changeSpeed(first, 0, signal);
  await line.hush(signal);
  if (wakeup > 0) {
    line.say(Buffer.alloc(wakeup), `${wakeup} zeros, to wake it`);
    await line.pause((wakeup * CHARACTER_BITS * 1_000) / first + WAKING, signal);
  }
  line.say(whoIsThere(address), address === '' ? 'who is there?' : `is ${address} there?`);
  return line.hear(findIdentification, describe, signal);
}

/** Tells a meter what to do, and goes on at the fastest speed that both have. Resolves with that, in bits a second. */
export async function choose(
  line: Conversation,
  identification: Identification,
  { option, speeds: { first, most } }: { readonly option: Option; readonly speeds: Speeds },
  signal: AbortSignal,
): Promise<number> {
  const { baud, character } = chooseBaud(identification, line.changesSpeed ? most : first);
  line.say(selectOption(option, character), `${MEANINGS[option]} at ${baud} Bd`);
  await line.changeSpeed(baud, (CHARACTER_BITS * 1_000) / first, signal);
  return baud;
}

const MEANINGS = { readout: 'read out', programming: 'programming', hdlc: 'HDLC' } as const;
