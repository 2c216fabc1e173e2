import { malformed, Reader } from './reader.ts';

// IEC 62056-46, 6.4.4.4.3: what SNRM proposes and UA settles. All values are those of whoever sends the frame.

/** Bytes of information in a frame, and frames that may be sent before they are acknowledged, in each direction. */
export type Parameters = {
  readonly transmitBytes: number;
  readonly receiveBytes: number;
  readonly transmitWindow: number;
  readonly receiveWindow: number;
};

/** What holds where nothing is said. */
export const DEFAULTS: Parameters = { transmitBytes: 128, receiveBytes: 128, transmitWindow: 1, receiveWindow: 1 };

const FORMAT = 0x81;
const GROUP = 0x80;
const ids = { transmitBytes: 5, receiveBytes: 6, transmitWindow: 7, receiveWindow: 8 } as const;

/** Nothing where all is as by default. */
export function encodeParameters(wanted: Parameters): Buffer {
  if (
    Object.entries(DEFAULTS).every(([key, value]) =>
      Object.entries(wanted).some((own) => own[0] === key && own[1] === value),
    )
  ) {
    return Buffer.alloc(0);
  }
  return writeParameters(wanted);
}

/** All of them, whatever they are. */
export function writeParameters({ transmitBytes, receiveBytes, transmitWindow, receiveWindow }: Parameters): Buffer {
  const group = Buffer.concat([
    parameter(ids.transmitBytes, lengthBytes(transmitBytes)),
    parameter(ids.receiveBytes, lengthBytes(receiveBytes)),
    parameter(ids.transmitWindow, windowBytes(transmitWindow)),
    parameter(ids.receiveWindow, windowBytes(receiveWindow)),
  ]);
  return Buffer.concat([Buffer.of(FORMAT, GROUP, group.length), group]);
}

function parameter(id: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(id, value.length), value]);
}

function lengthBytes(value: number): Buffer {
  return value < 0x100 ? Buffer.of(value) : Buffer.of(value >>> 8, value & 0xff);
}

function windowBytes(value: number): Buffer {
  return Buffer.of(0, 0, 0, value);
}

/** Throws `answer-malformed`. */
export function decodeParameters(information: Buffer): Parameters {
  if (information.length === 0) return DEFAULTS;
  const reader = new Reader(information);
  reader.expect(FORMAT, 'negotiation format');
  reader.expect(GROUP, 'negotiation group');
  const group = new Reader(reader.take(reader.uint8()));
  const values = new Map<number, number>();
  while (group.left > 0) {
    const id = group.uint8();
    const value = group.take(group.uint8());
    if (value.length < 1 || value.length > 4) throw malformed(`a parameter of ${value.length} bytes`);
    values.set(id, value.readUIntBE(0, value.length));
  }
  const valueOf = (key: keyof Parameters): number => values.get(ids[key]) ?? DEFAULTS[key];
  return {
    transmitBytes: valueOf('transmitBytes'),
    receiveBytes: valueOf('receiveBytes'),
    transmitWindow: valueOf('transmitWindow'),
    receiveWindow: valueOf('receiveWindow'),
  };
}
