import type { Obis } from '../../src/model/obis.ts';
import { checksums, frameMessages, type Checksum } from './framer.ts';
import { encodeNode, type SmlNode } from './tree.ts';

/** An entry as a meter sends it. */
export type SentEntry = {
  readonly obis: Obis;
  readonly status?: number;
  /** SML_Time. */
  readonly time?: SmlNode;
  /** Number of the unit in IEC 62056-62. */
  readonly unit?: number;
  readonly scaler?: number;
  readonly value: SmlNode;
};

export type SentList = {
  readonly server: Buffer;
  /** Seconds since the meter was first switched on. */
  readonly index: number;
  readonly entries: readonly SentEntry[];
};

const ABSENT: SmlNode = { kind: 'absent' };

/**
 * An unsigned number of so many bytes.
 * @internal
 */
export function unsigned(value: number, size: number): SmlNode {
  return { kind: 'integer', value: BigInt(value), signed: false, size };
}

function signed(value: number, size: number): SmlNode {
  return { kind: 'integer', value: BigInt(value), signed: true, size };
}

function octets(bytes: Buffer): SmlNode {
  return { kind: 'octets', bytes };
}

function list(...items: readonly SmlNode[]): SmlNode {
  return { kind: 'list', items };
}

/** One file as a meter sends it: opening, list, closing, wrapped for the line. */
export function encodeFile({ server, index, entries }: SentList, checksum: Checksum = 'x25'): Buffer {
  const id = octets(server);
  const time = list(unsigned(1, 1), unsigned(index, 4));
  const values = list(...entries.map(entryNode));
  const file = octets(Buffer.from([index >>> 8, index].map((byte) => byte & 0xff)));
  return frameMessages(
    Buffer.concat([
      message(0x01_01, list(ABSENT, ABSENT, file, id, ABSENT, ABSENT), checksum),
      message(0x07_01, list(ABSENT, id, ABSENT, time, values, ABSENT, ABSENT), checksum),
      message(0x02_01, list(ABSENT), checksum),
    ]),
    checksum,
  );
}

function entryNode({ obis, status, time = ABSENT, unit, scaler, value }: SentEntry): SmlNode {
  return list(
    octets(Buffer.of(obis.a, obis.b, obis.c, obis.d, obis.e, obis.f)),
    status === undefined ? ABSENT : unsigned(status, 4),
    time,
    unit === undefined ? ABSENT : unsigned(unit, 1),
    scaler === undefined ? ABSENT : signed(scaler, 1),
    value,
    ABSENT,
  );
}

/** One message with its checksum, whose low byte comes first. */
function message(tag: number, body: SmlNode, checksum: Checksum): Buffer {
  const head = [octets(Buffer.of(tag >>> 8)), unsigned(0, 1), unsigned(0, 1), list(unsigned(tag, 2), body)];
  const content = Buffer.concat([Buffer.of(0x76), ...head.map(encodeNode)]);
  const crc = checksums[checksum](content);
  return Buffer.concat([content, Buffer.of(0x63, crc & 0xff, crc >>> 8, 0)]);
}
