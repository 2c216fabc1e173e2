import type { Library } from '../../src/wire/opcua-library.ts';
import { decodeContent, senseless } from '../../src/wire/opcua-notifications.ts';
import type { EncodedArray } from './part.ts';
import { dataValueOf, type DataValue } from './reading.ts';
import { builtIn } from './value.ts';

/**
 * The values that one message tells of, in the order of the server: `each` is called with the handle of the item and
 * what became of it, which is lent: the next one comes in the same object.
 */
export type Changes = (each: (handle: number, data: DataValue) => void) => void;

/** The changes that the stack has taken apart. */
export function changesIn({ monitoredItems }: Library.DataChangeNotification): Changes {
  return (each) => {
    for (const { clientHandle, value } of monitoredItems ?? []) each(clientHandle, dataValueOf(value));
  };
}

/**
 * The changes in the content of a DataChangeNotification (Part 4, 7.25.2), in the binary encoding of Part 6: numbers
 * and truths are read from the bytes, everything else by the stack. Throws `answer-malformed` where bytes
 * are missing or make no sense.
 */
export function changesOf(library: typeof Library, content: Buffer): Changes {
  return (each) => {
    try {
      const reader = new ChangeReader(library, content);
      readChanges(reader, each);
      // What follows are diagnostics, usually none; where there are some, the stack looks whether they make sense.
      if (!reader.isAtEmptyList()) decodeContent(library, content);
    } catch (error) {
      throw senseless(error);
    }
  };
}

const NO_ARRAY = 0xffff_ffff; // Part 6, 5.2.5: the length -1

function readChanges(reader: ChangeReader, each: Parameters<Changes>[0]): void {
  const length = reader.uint32();
  const count = length === NO_ARRAY ? 0 : length;
  for (let index = 0; index < count; index++) each(reader.uint32(), reader.dataValue());
}

/** What a DataValue holds, by the bits of its first byte (Part 6, 5.2.2.17). */
const has = { value: 0x01, status: 0x02, source: 0x04, server: 0x08, sourcePico: 0x10, serverPico: 0x20 } as const;

const EMPTY: EncodedArray = { dataType: builtIn.Null, arrayType: 0, value: null, dimensions: null };

/** Reads one after the other, and forgets each as it reads the next. A read beyond the end throws. */
class ChangeReader {
  readonly #library: typeof Library;
  readonly #content: Buffer;
  readonly #view: DataView;
  readonly #data = { value: EMPTY, status: 0, sourceTime: NaN, serverTime: NaN };
  readonly #scalar = { dataType: 0, arrayType: 0, value: undefined as unknown, dimensions: null };
  #at = 0;

  constructor(library: typeof Library, content: Buffer) {
    this.#library = library;
    this.#content = content;
    this.#view = new DataView(content.buffer, content.byteOffset, content.length);
  }

  uint32(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  /** Whether all that is left is a list without anything in it. */
  isAtEmptyList(): boolean {
    if (this.#content.length !== this.#at + 4) return false;
    const length = this.#view.getUint32(this.#at, true);
    return length === 0 || length === NO_ARRAY;
  }

  dataValue(): DataValue {
    const data = this.#data;
    const mask = this.#view.getUint8(this.#at++);
    data.value = (mask & has.value) === 0 ? EMPTY : this.#variant();
    data.status = (mask & has.status) === 0 ? 0 : this.uint32();
    data.sourceTime = (mask & has.source) === 0 ? NaN : this.#time();
    if ((mask & has.sourcePico) !== 0) this.#skip(2);
    data.serverTime = (mask & has.server) === 0 ? NaN : this.#time();
    if ((mask & has.serverPico) !== 0) this.#skip(2);
    return data;
  }

  /** Part 6, 5.2.2.16: the lower six bits are the type, the upper two are set for arrays. */
  #variant(): EncodedArray {
    const dataType = this.#view.getUint8(this.#at);
    const scalar = scalars[dataType];
    if (scalar === undefined) return this.#byStack();
    this.#scalar.dataType = dataType;
    this.#scalar.value = scalar.read(this.#view, this.#at + 1);
    this.#at += 1 + scalar.size;
    return this.#scalar;
  }

  #byStack(): EncodedArray {
    const { BinaryStream, Variant } = this.#library;
    const stream = new BinaryStream(this.#content);
    stream.length = this.#at;
    const variant = new Variant();
    variant.decode(stream);
    this.#at = stream.length;
    return variant;
  }

  #skip(size: number): void {
    this.#view.getUint8(this.#at + size - 1);
    this.#at += size;
  }

  #time(): number {
    const low = this.uint32();
    return wallTime(this.uint32(), low);
  }
}

const TICKS = 10_000; // of 100 ns, in a millisecond
const [WHOLE, REST] = [Math.floor(2 ** 32 / TICKS), 2 ** 32 % TICKS];
const YEAR_1601 = 11_644_473_600_000; // milliseconds from then to 1970

/** Milliseconds since 1970 of a DateTime (Part 6, 5.2.2.5): 64 bits of 100 ns since 1601, more than a double can hold. */
function wallTime(high: number, low: number): number {
  return high * WHOLE + Math.floor((high * REST + low) / TICKS) - YEAR_1601;
}

type Scalar = { readonly size: number; readonly read: (view: DataView, at: number) => unknown };

/** Single values of types that are read here, by the number of the type: the form is that of the stack. */
const scalars: Readonly<Record<number, Scalar>> = {
  [builtIn.Boolean]: { size: 1, read: (view, at) => view.getUint8(at) !== 0 },
  [builtIn.SByte]: { size: 1, read: (view, at) => view.getInt8(at) },
  [builtIn.Byte]: { size: 1, read: (view, at) => view.getUint8(at) },
  [builtIn.Int16]: { size: 2, read: (view, at) => view.getInt16(at, true) },
  [builtIn.UInt16]: { size: 2, read: (view, at) => view.getUint16(at, true) },
  [builtIn.Int32]: { size: 4, read: (view, at) => view.getInt32(at, true) },
  [builtIn.UInt32]: { size: 4, read: (view, at) => view.getUint32(at, true) },
  [builtIn.Int64]: { size: 8, read: halves },
  [builtIn.UInt64]: { size: 8, read: halves },
  [builtIn.Float]: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  [builtIn.Double]: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

function halves(view: DataView, at: number): readonly [high: number, low: number] {
  return [view.getUint32(at + 4, true), view.getUint32(at, true)];
}
