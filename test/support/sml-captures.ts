import { decimalWith } from '../../src/model/decimal.ts';
import { formatObis, type Obis } from '../../src/model/obis.ts';
import { parseFile, type SmlEntry, type SmlList, type SmlTime } from '../../drivers/sml/file.ts';
import { SmlFramer, type SmlPiece } from '../../drivers/sml/framer.ts';
import { SmlFault } from '../../drivers/sml/tree.ts';
import { capturesOf } from './captures.ts';
import { decimalText } from './decimal-text.ts';

type ExpectedEntry = {
  readonly obis: string;
  readonly type: string;
  readonly raw?: string;
  readonly scaler?: number;
  readonly unit?: number;
  readonly value: string;
  readonly status?: number;
  readonly valTime?: { readonly tag: number; readonly v: number };
};

type ExpectedList = {
  readonly serverId: string;
  readonly listName: string | null;
  readonly actSensorTime: { readonly tag: number; readonly v: number } | null;
  readonly entries: readonly ExpectedEntry[];
};

type Expected = {
  readonly frames: readonly {
    readonly offset: number;
    readonly length: number;
    readonly accept: boolean;
    readonly lists: readonly ExpectedList[];
  }[];
};

export const smlCaptures = capturesOf<Expected>('sml');

/** The lists that are to be delivered, in their order. */
export function acceptedLists({ frames }: Expected): readonly ExpectedList[] {
  return frames.filter(({ accept }) => accept).flatMap(({ lists }) => lists);
}

/** The lists in bytes that arrive in these chunks, in the words of the expectations. */
export function listsIn(chunks: readonly Buffer[]): readonly ExpectedList[] {
  const framer = new SmlFramer();
  return chunks.flatMap((chunk) => framer.push(chunk)).flatMap(listsOf);
}

/** Of a piece that is no whole file there are none. */
export function listsOf(piece: SmlPiece): readonly ExpectedList[] {
  if (piece.kind !== 'file') return [];
  try {
    return parseFile(piece.messages).map(asExpected);
  } catch (error) {
    if (error instanceof SmlFault) return [];
    throw error;
  }
}

function asExpected({ server, name, time, entries }: SmlList): ExpectedList {
  return {
    serverId: server.toString('hex'),
    listName: name?.toString('hex') ?? null,
    actSensorTime: timeOf(time) ?? null,
    entries: entries.map(entryOf),
  };
}

function entryOf({ obis, status, time, unit, scaler, value }: SmlEntry): ExpectedEntry {
  const valTime = timeOf(time);
  const common = {
    obis: fullText(obis),
    ...(status !== undefined && { status: Number(status) }),
    ...(valTime !== undefined && { valTime }),
  };
  const number = unit === undefined ? {} : { unit };
  if (value?.kind === 'octets') return { ...common, ...number, type: 'octets', value: value.bytes.toString('hex') };
  if (value?.kind !== 'integer') return { ...common, type: 'null', value: '' };
  return {
    ...common,
    type: value.signed ? 'int' : 'uint',
    raw: String(value.value),
    scaler,
    ...number,
    value: decimalText(decimalWith(value.value, scaler)),
  };
}

function fullText(obis: Obis): string {
  return `${formatObis({ ...obis, f: 255 })}*${obis.f}`;
}

function timeOf(time: SmlTime | undefined): { readonly tag: number; readonly v: number } | undefined {
  return time === undefined ? undefined : { tag: time.kind === 'index' ? 1 : 2, v: time.seconds };
}
