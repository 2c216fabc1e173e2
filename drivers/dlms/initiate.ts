import { malformed, Reader, uint16 } from './reader.ts';

// IEC 62056-53, 7.2.1 and 8.4.5: what client and server agree on when they associate.

const VERSION = 6;
const REQUEST = 0x01;
const RESPONSE = 0x08;
const SERVICE_ERROR = 0x0e;
const CONFORMANCE = Buffer.of(0x5f, 0x1f, 0x04, 0x00); // [APPLICATION 31] BIT STRING of 24 bits

/** Bits of the conformance block, the most significant of 24 being bit 0. */
export const conformance = {
  'general-protection': 1 << 22,
  'general-block-transfer': 1 << 21,
  'block-transfer-get': 1 << 12,
  'block-transfer-set': 1 << 11,
  'block-transfer-action': 1 << 10,
  'multiple-references': 1 << 9,
  'information-report': 1 << 8,
  access: 1 << 6,
  'parameterized-access': 1 << 5,
  get: 1 << 4,
  set: 1 << 3,
  'selective-access': 1 << 2,
  action: 1,
  // With short names.
  read: 1 << 20,
  write: 1 << 19,
  'unconfirmed-write': 1 << 18,
} as const;

export type Initiate = {
  readonly conformance: number;
  /** Longest APDU that the sender takes. */
  readonly maxPdu: number;
  /** A key for this association alone. */
  readonly dedicatedKey?: Buffer;
};

export function encodeInitiateRequest({ conformance: bits, maxPdu, dedicatedKey }: Initiate): Buffer {
  const key =
    dedicatedKey === undefined ? Buffer.of(0) : Buffer.concat([Buffer.of(1, dedicatedKey.length), dedicatedKey]);
  // A response is expected, and no quality of service proposed: both are defaults.
  return Buffer.concat([Buffer.of(REQUEST), key, Buffer.of(0, 0, VERSION), CONFORMANCE, uint24(bits), uint16(maxPdu)]);
}

export function encodeInitiateResponse({ conformance: bits, maxPdu }: Initiate, short: boolean): Buffer {
  // The name of the virtual application: of the association object with short names, 7 with logical ones.
  const name = uint16(short ? 0xfa00 : 0x0007);
  return Buffer.concat([Buffer.of(RESPONSE, 0, VERSION), CONFORMANCE, uint24(bits), uint16(maxPdu), name]);
}

/** Throws `answer-malformed`. */
export function decodeInitiateRequest(apdu: Buffer): Initiate {
  const reader = new Reader(apdu);
  reader.expect(REQUEST, 'APDU');
  const dedicatedKey = reader.uint8() === 0 ? undefined : reader.octets();
  if (reader.uint8() !== 0) reader.uint8();
  if (reader.uint8() !== 0) reader.uint8();
  reader.uint8();
  const agreed = { conformance: takeConformance(reader), maxPdu: reader.uint16() };
  reader.end();
  return dedicatedKey === undefined ? agreed : { ...agreed, dedicatedKey };
}

/** What the server agreed to. Throws `answer-malformed`, also where it agreed to nothing. */
export function decodeInitiateResponse(apdu: Buffer): Initiate {
  const reader = new Reader(apdu);
  if (reader.next === SERVICE_ERROR) throw malformed(`the meter refuses: ${describeServiceError(apdu)}`);
  reader.expect(RESPONSE, 'APDU');
  if (reader.uint8() !== 0) reader.uint8();
  reader.uint8();
  const agreed = { conformance: takeConformance(reader), maxPdu: reader.uint16() };
  reader.uint16();
  reader.end();
  return agreed;
}

function takeConformance(reader: Reader): number {
  for (const byte of CONFORMANCE) reader.expect(byte, 'conformance');
  return reader.take(3).readUIntBE(0, 3);
}

function uint24(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(value, 0, 3);
  return bytes;
}

const INITIATE_ERRORS: Readonly<Record<number, string>> = {
  1: 'the DLMS version is too low',
  2: 'the services asked for are incompatible with what it offers',
  3: 'its PDU size is too short',
  4: 'its virtual device is not at home',
};
const INITIATE = 6;

/** What a ConfirmedServiceError (IEC 62056-53, 8.6) says. */
export function describeServiceError(apdu: Buffer): string {
  const [, service, choice, code = 0] = apdu;
  const known = choice === INITIATE ? INITIATE_ERRORS[code] : undefined;
  return known ?? `service error ${service} ${choice} ${code}`;
}
