import { obisOfBytes, type Obis } from '../../src/model/obis.ts';
import { checksums, type Checksum } from './framer.ts';
import { SmlFault, SmlReader, type SmlNode } from './tree.ts';

/** When a meter says that something was; seconds. */
export type SmlTime =
  /** Since it was first switched on, counted by itself. */
  | { readonly kind: 'index'; readonly seconds: number }
  /** Since 1970 UTC. */
  | { readonly kind: 'instant'; readonly seconds: number };

export type SmlValue =
  | { readonly kind: 'integer'; readonly value: bigint; readonly signed: boolean; readonly size: number }
  | { readonly kind: 'octets'; readonly bytes: Buffer }
  | { readonly kind: 'boolean'; readonly on: boolean }
  | { readonly kind: 'time'; readonly time: SmlTime };

export type SmlEntry = {
  readonly obis: Obis;
  readonly status: bigint | undefined;
  readonly time: SmlTime | undefined;
  /** Number of the unit in IEC 62056-62. */
  readonly unit: number | undefined;
  /** Power of ten that the value is multiplied by. */
  readonly scaler: number;
  /** Undefined where the meter has left it out. */
  readonly value: SmlValue | undefined;
};

/** SML_GetList.Res: what a meter reports. */
export type SmlList = {
  readonly server: Buffer;
  readonly name: Buffer | undefined;
  readonly time: SmlTime | undefined;
  readonly entries: readonly SmlEntry[];
};

const GET_LIST_RESPONSE = 0x07_01;

// Lengths of the sequences, SML 1.04, 5.
const MESSAGE_ITEMS = 6;
const LIST_ITEMS = 7;
const ENTRY_ITEMS = 7;

/**
 * The lists in the messages of a file, in their order; messages of other kinds are checked and left out. Throws
 * SmlFault where one message is not whole: then nothing of the file is to be believed.
 */
export function parseFile(messages: Buffer, accepted: readonly Checksum[] = ['x25']): readonly SmlList[] {
  const reader = new SmlReader(messages);
  const lists: SmlList[] = [];
  while (!reader.atEnd) {
    if (reader.peek() === 0) {
      // Some meters fill up with zeros beyond the padding that they tell.
      reader.takeEnd();
      continue;
    }
    const list = parseMessage(reader, messages, accepted);
    if (list !== undefined) lists.push(list);
  }
  return lists;
}

const LIST_TYPE = 0x70;

/** One message; undefined where it is no list. */
function parseMessage(reader: SmlReader, bytes: Buffer, accepted: readonly Checksum[]): SmlList | undefined {
  const start = reader.offset;
  const first = reader.peek() ?? 0;
  if (first !== (LIST_TYPE | MESSAGE_ITEMS)) throw new SmlFault(`byte ${start}: no message begins with ${first}`);
  reader.offset += 1;
  reader.node(); // transaction
  reader.node(); // group
  reader.node(); // what to do on an error
  const body = reader.node();
  const end = reader.offset;
  const sent = reader.node();
  reader.takeEnd();
  const fits = (way: Checksum): boolean => {
    const crc = checksums[way](bytes, start, end);
    // Its low byte comes first, which makes another number of it.
    return integer(sent) === BigInt(((crc & 0xff) << 8) | (crc >>> 8));
  };
  if (!accepted.some(fits)) throw new SmlFault(`byte ${start}: the checksum of a message is wrong`);
  const [tag, content] = itemsOf(body, 2);
  return integer(tag) === BigInt(GET_LIST_RESPONSE) ? listOf(content) : undefined;
}

function listOf(content: SmlNode | undefined): SmlList {
  const [, server, name, time, values] = itemsOf(content, LIST_ITEMS);
  const id = octets(server);
  if (id === undefined) throw new SmlFault('a list does not say whose it is');
  return { server: id, name: octets(name), time: timeOf(time), entries: itemsOf(values).map(entryOf) };
}

function entryOf(node: SmlNode): SmlEntry {
  const [name, status, time, unit, scaler, value] = itemsOf(node, ENTRY_ITEMS);
  const obis = obisOfBytes(octets(name) ?? Buffer.alloc(0));
  if (obis === undefined) throw new SmlFault('an entry has no name of six bytes');
  return {
    obis,
    status: status?.kind === 'integer' ? BigInt.asUintN(status.size * 8, status.value) : undefined,
    time: timeOf(time),
    unit: unit?.kind === 'integer' ? Number(unit.value) : undefined,
    scaler: scaler?.kind === 'integer' ? Number(scaler.value) : 0,
    value: valueOf(value),
  };
}

function valueOf(node: SmlNode | undefined): SmlValue | undefined {
  if (node === undefined || node.kind === 'absent') return undefined;
  if (node.kind !== 'list') return node;
  const time = timeOf(node) ?? timeOf(node.items[1]);
  return time === undefined ? undefined : { kind: 'time', time };
}

// Forms of SML_Time; local time comes as an instant with its offsets.
const FORMS: Readonly<Record<string, (value: SmlNode | undefined) => SmlTime | undefined>> = {
  '1': indexOf,
  '2': instantOf,
  '3': (value) => (value?.kind === 'list' ? instantOf(value.items[0]) : undefined),
};

/** Some meters leave out which form they mean, and give the seconds since they were switched on. */
function timeOf(node: SmlNode | undefined): SmlTime | undefined {
  if (node?.kind !== 'list') return indexOf(node);
  const [choice, value, ...others] = node.items;
  const form = choice?.kind === 'integer' && others.length === 0 ? String(choice.value) : '';
  return FORMS[form]?.(value);
}

function indexOf(node: SmlNode | undefined): SmlTime | undefined {
  return node?.kind === 'integer' ? { kind: 'index', seconds: Number(node.value) } : undefined;
}

function instantOf(node: SmlNode | undefined): SmlTime | undefined {
  return node?.kind === 'integer' ? { kind: 'instant', seconds: Number(node.value) } : undefined;
}

/** The items of a list that has so many. */
function itemsOf(node: SmlNode | undefined, count?: number): readonly SmlNode[] {
  if (node?.kind !== 'list' || (count !== undefined && node.items.length !== count)) {
    throw new SmlFault(count === undefined ? 'a list of values is missing' : `a sequence of ${count} is missing`);
  }
  return node.items;
}

function octets(node: SmlNode | undefined): Buffer | undefined {
  return node?.kind === 'octets' ? node.bytes : undefined;
}

function integer(node: SmlNode | undefined): bigint | undefined {
  return node?.kind === 'integer' ? node.value : undefined;
}
