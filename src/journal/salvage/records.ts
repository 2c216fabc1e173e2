import { type Layer, PAGE_SIZE } from './pages.ts';

// Rows as they lie in a leaf page of a table: https://www.sqlite.org/fileformat.html 1.6 and 2.1.

/** What a column may hold. The value of an INTEGER PRIMARY KEY is the row's number, and null in its column. */
export type Cell = null | number | string | Uint8Array;

export type Row = { readonly rowid: number; readonly cells: readonly Cell[] };

const LEAF = 0x0d;
const COUNT = 3; // where the number of rows stands
const LEAF_HEADER = 8;
const POINTER = 2; // bytes

// 1.6: what a leaf of a table keeps of a row itself: all up to `MOST_LOCAL` bytes, else at least `LEAST_LOCAL`.
const MOST_LOCAL = PAGE_SIZE - 35;
const LEAST_LOCAL = Math.floor(((PAGE_SIZE - 12) * 32) / 255) - 23;
const CHAINED = PAGE_SIZE - 4; // bytes of a row in each page of its chain

// No row is nearly as long, none has as many columns.
const LONGEST_ROW = 4 * 1_048_576;
const MOST_COLUMNS = 16;

/**
 * The rows in an image of a page, as far as they make sense; none where it is no leaf of a table. The rest of long ones is
 * looked for in each of `layers`: of such a row there may be several, of which at most one is right.
 */
export function rowsOf(page: Buffer, layers: readonly Layer[]): readonly Row[] {
  const rows: Row[] = [];
  if (page[0] !== LEAF) return rows; // page 1, which has the file's header in front, holds the schema
  const count = Math.min(page.readUInt16BE(COUNT), (PAGE_SIZE - LEAF_HEADER) / POINTER);
  for (let index = 0; index < count; index += 1) {
    rows.push(...rowsAt(page, page.readUInt16BE(LEAF_HEADER + POINTER * index), layers));
  }
  return rows;
}

function rowsAt(page: Buffer, at: number, layers: readonly Layer[]): readonly Row[] {
  const length = integerAt(page, at);
  const rowid = integerAt(page, length.end);
  if (!(length.value <= LONGEST_ROW) || !Number.isSafeInteger(rowid.value)) return [];
  const local = localLength(length.value);
  const head = page.subarray(rowid.end, rowid.end + local);
  if (head.length < local) return [];
  if (local === length.value) return rowOf(rowid.value, head);
  const chain = rowid.end + local;
  if (chain + 4 > page.length) return [];
  const next = page.readUInt32BE(chain);
  const copy = Buffer.from(head); // the page is gone once another is read
  return layers.flatMap((layer) => {
    const payload = followed(copy, next, { length: length.value, layer });
    return payload === undefined ? [] : rowOf(rowid.value, payload);
  });
}

function localLength(length: number): number {
  if (length <= MOST_LOCAL) return length;
  const fitting = LEAST_LOCAL + ((length - LEAST_LOCAL) % CHAINED);
  return fitting <= MOST_LOCAL ? fitting : LEAST_LOCAL;
}

/** The whole row, whose end lies in a chain of pages from `first` on. */
function followed(
  head: Buffer,
  first: number,
  { length, layer }: { readonly length: number; readonly layer: Layer },
): Buffer | undefined {
  const parts = [head];
  let number = first;
  for (let have = head.length; have < length;) {
    const page = layer.page(number);
    if (page === undefined) return undefined;
    const part = Buffer.from(page.subarray(4, 4 + Math.min(CHAINED, length - have)));
    parts.push(part);
    have += part.length;
    number = page.readUInt32BE(0);
  }
  return Buffer.concat(parts, length);
}

function rowOf(rowid: number, payload: Buffer): readonly Row[] {
  const header = integerAt(payload, 0);
  if (!(header.value <= payload.length)) return [];
  const cells: Cell[] = [];
  let at = header.value;
  for (let next = header.end; next < header.value;) {
    const type = integerAt(payload, next);
    const size = sizeOf(type.value);
    if (size === undefined || at + size > payload.length || cells.length === MOST_COLUMNS) return [];
    cells.push(cellOf(type.value, payload.subarray(at, at + size)));
    at += size;
    next = type.end;
  }
  return at === payload.length ? [{ rowid, cells }] : [];
}

// 2.1: the types of columns, by number.
const SIZES: readonly (number | undefined)[] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];
const FLOAT = 7;
const ZERO = 8;
const ONE = 9;
const FIRST_BLOB = 12;

function sizeOf(type: number): number | undefined {
  return type >= FIRST_BLOB ? Math.floor((type - FIRST_BLOB) / 2) : SIZES[type];
}

function cellOf(type: number, bytes: Buffer): Cell {
  if (type >= FIRST_BLOB) return type % 2 === 0 ? new Uint8Array(bytes) : bytes.toString('utf8');
  if (type === 0) return null;
  if (type === FLOAT) return bytes.readDoubleBE(0);
  if (type === ZERO || type === ONE) return type - ZERO;
  return bytes.length === 8 ? Number(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, bytes.length);
}

/** 1.6: a big-endian integer of 7 bits a byte, the ninth has 8. `end` is behind it; NaN where the bytes end before. */
function integerAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    if (index === 8) return { value: value * 256 + byte, end: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return { value: Number.NaN, end: bytes.length };
}
