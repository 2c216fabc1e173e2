import { hexByte } from './qualifiers.ts';

/** What a meter is known by, whatever its primary address (EN 13757-7). */
export type Identification = {
  /** Eight digits, as on its plate; letters A to E are rare but do occur. */
  readonly id: string;
  /** Sixteen bits that stand for three letters. */
  readonly manufacturer: number;
  readonly version: number;
  readonly medium: number;
};

/** What a meter says of itself: all of it, or its number alone. */
export type Said = Pick<Identification, 'id'> & Partial<Identification>;

/** An identification of which parts may be anything: digits F of the id, and whole other parts. */
export type SecondaryAddress = {
  readonly id: string;
  readonly manufacturer: number | undefined;
  readonly version: number | undefined;
  readonly medium: number | undefined;
};

export const ANYONE: SecondaryAddress = {
  id: 'FFFFFFFF',
  manufacturer: undefined,
  version: undefined,
  medium: undefined,
};

const ANY = '*';
const WILD_WORD = 0xff_ff;
const WILD_BYTE = 0xff;
const LETTER_BITS = 5;
const BEFORE_A = 64;

/** EN 62056-21: three capital letters in five bits each. */
export function manufacturerCode(letters: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(letters)) return undefined;
  return Buffer.from(letters, 'latin1').reduce((code, letter) => (code << LETTER_BITS) + letter - BEFORE_A, 0);
}

/** The letters of a code; its digits in hexadecimal where they are none. */
export function manufacturerLetters(code: number): string {
  const letters = [10, 5, 0].map((bit) => String.fromCodePoint(BEFORE_A + ((code >> bit) & 0x1f))).join('');
  return manufacturerCode(letters) === code ? letters : code.toString(16).padStart(4, '0').toUpperCase();
}

/** `12345678 KAM 1B 16`, with `*` for what may be anything. */
export function printSecondary({ id, manufacturer, version, medium }: SecondaryAddress): string {
  const letters = manufacturer === undefined ? '*' : manufacturerLetters(manufacturer);
  return [
    id,
    letters,
    ...[version, medium].map((part) => (part === undefined ? '*' : hexByte(part).toUpperCase())),
  ].join(' ');
}

const FORM = /^([0-9a-f]{8})(?:[ ,]+([a-z]{3}|[0-9a-f]{4}|\*)(?:[ ,]+([0-9a-f]{2}|\*)(?:[ ,]+([0-9a-f]{2}|\*))?)?)?$/i;
const DIGITS = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{2})([0-9a-f]{2})$/i;

/**
 * The address that `text` writes: `12345678 KAM 1B 16`, or less of it from the left, or sixteen hexadecimal digits with
 * the manufacturer's as they are sent, lower byte first. A sentence where it is none.
 */
export function parseSecondary(text: string): SecondaryAddress | string {
  const written = text.trim().toUpperCase();
  const [, id, word = '', ...rest] = DIGITS.exec(written) ?? [];
  if (id !== undefined) return addressOf(id, Buffer.from(word, 'hex').readUInt16LE(0), rest);
  const [, number, maker, ...others] = FORM.exec(written) ?? [];
  if (number !== undefined) return addressOf(number, codeOf(maker), others);
  return `"${text}" is no secondary address: write it like 12345678 KAM 1B 16, F for any digit`;
}

function codeOf(maker: string | undefined): number {
  if (maker === undefined || maker === ANY) return WILD_WORD;
  return manufacturerCode(maker) ?? Number.parseInt(maker, 16);
}

function addressOf(id: string, manufacturer: number, rest: readonly (string | undefined)[]): SecondaryAddress {
  const [version, medium] = rest.map((text = ANY) => (text === ANY ? WILD_BYTE : Number.parseInt(text, 16)));
  return {
    id,
    manufacturer: manufacturer === WILD_WORD ? undefined : manufacturer,
    version: version === WILD_BYTE ? undefined : version,
    medium: medium === WILD_BYTE ? undefined : medium,
  };
}

/** Whether it can mean but one meter. */
export function isComplete(address: SecondaryAddress): address is Identification {
  const { id, manufacturer, version, medium } = address;
  return !id.includes('F') && manufacturer !== undefined && version !== undefined && medium !== undefined;
}

/** Whether a meter feels meant. */
export function isMeant({ id, manufacturer, version, medium }: Said, by: SecondaryAddress): boolean {
  const isId = by.id.split('').every((digit, index) => digit === 'F' || digit === id[index]);
  return isId && isAlike(by.manufacturer, manufacturer) && isAlike(by.version, version) && isAlike(by.medium, medium);
}

/** What is not wanted, or not said, is no difference. */
function isAlike(wanted: number | undefined, said: number | undefined): boolean {
  return wanted === undefined || said === undefined || wanted === said;
}

export const IDENTIFICATION_BYTES = 8;

/** The eight bytes by which a meter is selected. */
export function encodeSecondary({ id, manufacturer, version, medium }: SecondaryAddress): Buffer {
  const bytes = Buffer.alloc(IDENTIFICATION_BYTES);
  Buffer.from(id, 'hex').reverse().copy(bytes);
  bytes.writeUInt16LE(manufacturer ?? WILD_WORD, 4);
  bytes.writeUInt8(version ?? WILD_BYTE, 6);
  bytes.writeUInt8(medium ?? WILD_BYTE, 7);
  return bytes;
}

/** What a meter says it is, as it stands in its header. */
export function readIdentification(bytes: Buffer): Identification {
  return {
    id: Buffer.from(bytes.subarray(0, 4)).reverse().toString('hex').toUpperCase(),
    manufacturer: bytes.readUInt16LE(4),
    version: bytes.readUInt8(6),
    medium: bytes.readUInt8(7),
  };
}
