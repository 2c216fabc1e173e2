import { decrypt, protectionOf, type Sender } from './encryption.ts';
import { readFixedStructure } from './fixed-structure.ts';
import type { LongFrame } from './frame.ts';
import { hexByte } from './qualifiers.ts';
import { readRecords, type DataRecord } from './records.ts';
import { IDENTIFICATION_BYTES, readIdentification, type Identification, type Said } from './secondary-address.ts';

/** What a meter says of itself before its records. */
type Header = {
  /** Undefined where the telegram does not say it. */
  readonly identification: Identification | undefined;
  /** The digits of the old fixed structure, which names no manufacturer. */
  readonly id: string | undefined;
  readonly medium: number | undefined;
  /** Counts its answers; undefined where it does not. */
  readonly access: number | undefined;
  /** Bits: application busy or failed (1, 2), power low, permanent error, temporary error, and the manufacturer's own. */
  readonly status: number | undefined;
};

export type Telegram = {
  readonly kind: 'data';
  readonly header: Header;
  readonly records: readonly DataRecord[];
  readonly manufacturerData: Buffer | undefined;
  readonly moreFollows: boolean;
};

export type Understood =
  | Telegram
  /** The meter answers that it cannot. */
  | { readonly kind: 'refused'; readonly isBusy: boolean; readonly why: string }
  /** It cannot be read, with the keys that there are. */
  | { readonly kind: 'malformed' | 'locked'; readonly why: string };

/** What helps to understand a meter. */
export type Knowledge = {
  readonly key?: Buffer | undefined;
  /** Who it is, where its telegrams do not say it all. */
  readonly identification?: Identification | undefined;
};

// EN 13757-2: a secondary station's answer with data. The other bits say that it has something urgent, or too much.
const RESPONSE = 0x08;
const CONTROL = 0xcf;

/** Control information of what a meter answers (EN 13757-3, Table 2). */
const information = {
  applicationError: 0x70,
  applicationErrorShort: 0x6e,
  applicationErrorLong: 0x6f,
  alarm: 0x71,
  long: 0x72,
  fixed: 0x73,
  longReversed: 0x76,
  fixedReversed: 0x77,
  bare: 0x78,
  short: 0x7a,
} as const;

const malformed = (why: string): Understood => ({ kind: 'malformed', why });

/** What a meter's frame says; a frame of which a part makes no sense says nothing. */
export function readTelegram(frame: LongFrame, knowledge: Knowledge = {}): Understood {
  if ((frame.control & CONTROL) !== RESPONSE) {
    return malformed(`its control field ${hexByte(frame.control)} is not that of an answer with data`);
  }
  switch (frame.information) {
    case information.long:
      return readLong(frame.data, knowledge);
    case information.short:
      return readShort(frame.data, knowledge);
    case information.bare:
      return withRecords(NO_HEADER, frame.data);
    case information.fixed:
      return readFixed(frame.data);
    case information.applicationError:
      return refusal(frame.data);
    case information.applicationErrorShort:
      return refusal(frame.data.subarray(SHORT_HEADER_BYTES));
    case information.applicationErrorLong:
      return refusal(frame.data.subarray(LONG_HEADER_BYTES));
    default:
      return malformed(
        `its control information ${hexByte(frame.information)} ${unknownInformation(frame.information)}`,
      );
  }
}

/** Who sent a frame, where it says so. */
export function senderOf({ information: code, data }: LongFrame): Said | undefined {
  if (code === information.long && data.length >= LONG_HEADER_BYTES) return readIdentification(data);
  // The fixed structure says the number alone.
  const fixed = code === information.fixed ? readFixedStructure(data) : undefined;
  return fixed === undefined ? undefined : { id: fixed.id };
}

function unknownInformation(code: number): string {
  if (code === information.longReversed || code === information.fixedReversed)
    return 'announces the most significant byte first, which is not read here';
  return code === information.alarm ? 'is an alarm, and not asked for' : 'is none that is read here';
}

const NO_HEADER: Header = {
  identification: undefined,
  id: undefined,
  medium: undefined,
  access: undefined,
  status: undefined,
};

const SHORT_HEADER_BYTES = 4;
const LONG_HEADER_BYTES = IDENTIFICATION_BYTES + SHORT_HEADER_BYTES;

function readLong(data: Buffer, { key }: Knowledge): Understood {
  if (data.length < LONG_HEADER_BYTES) return malformed(`it ends within its header of ${LONG_HEADER_BYTES} bytes`);
  const identification = readIdentification(data);
  const { id, medium } = identification;
  return readProtected(data.subarray(IDENTIFICATION_BYTES), { identification, id, medium }, { key, identification });
}

function readShort(data: Buffer, knowledge: Knowledge): Understood {
  if (data.length < SHORT_HEADER_BYTES) return malformed(`it ends within its header of ${SHORT_HEADER_BYTES} bytes`);
  return readProtected(data, { identification: undefined, id: undefined, medium: undefined }, knowledge);
}

function readProtected(
  data: Buffer,
  names: Pick<Header, 'identification' | 'id' | 'medium'>,
  { key, identification }: Knowledge,
): Understood {
  const access = data.readUInt8(0);
  const header = { ...names, access, status: data.readUInt8(1) };
  const body = data.subarray(SHORT_HEADER_BYTES);
  const protection = protectionOf(data.readUInt16LE(2));
  if (protection.kind === 'none') return withRecords(header, body);
  if (protection.kind === 'other') return locked(`it is encrypted in ${protection.name}, which is not read here`);
  if (key === undefined) return locked('it is encrypted (mode 5): set the `key` of the device');
  if (identification === undefined) {
    return locked('it is encrypted and does not say who it is: give its whole secondary address');
  }
  const sender: Sender = { identification, access };
  const clear = decrypt(body, protection.bytes, key, sender);
  return typeof clear === 'string' ? locked(clear) : withRecords(header, clear);
}

function locked(why: string): Understood {
  return { kind: 'locked', why };
}

function withRecords(header: Header, body: Buffer): Understood {
  const read = readRecords(body);
  return typeof read === 'string' ? malformed(read) : { kind: 'data', header, ...read };
}

function readFixed(data: Buffer): Understood {
  const fixed = readFixedStructure(data);
  if (fixed === undefined) return malformed(`a fixed structure of ${data.length} bytes, which has 16`);
  const { records, ...header } = fixed;
  return {
    kind: 'data',
    header: { ...header, identification: undefined },
    records,
    manufacturerData: undefined,
    moreFollows: false,
  };
}

// EN 13757-3, Table 11: what a meter says that does not answer.
const ERRORS: Readonly<Record<number, string>> = {
  0: 'an unspecified error',
  1: 'unknown control information',
  2: 'too long a request',
  3: 'too many records',
  4: 'a record that ends too early',
  5: 'too many DIFEs',
  6: 'too many VIFEs',
  8: 'busy',
  9: 'too many readouts',
};
const BUSY = 8;

function refusal(data: Buffer): Understood {
  const [code = 0] = data;
  return { kind: 'refused', isBusy: code === BUSY, why: ERRORS[code] ?? `error ${code}` };
}
