import type { WireEvent } from '../../src/collect/driver.ts';
import type { Found } from './hdlc-framer.ts';
import { HdlcFramer } from './hdlc-framer.ts';
import type { Frame } from './hdlc-frame.ts';
import { nextNumber } from './hdlc-control.ts';
import { unwrap } from './wrapper.ts';

/** A stretch of what a line carried; `bytes` as they arrived. */
export type Heard =
  /** A whole APDU. `source`: the address of its sender on the line, for people. */
  | { readonly kind: 'apdu'; readonly apdu: Buffer; readonly source: string; readonly bytes: Buffer }
  /** A part of one. */
  | { readonly kind: 'part'; readonly bytes: Buffer }
  | {
      readonly kind: Extract<WireEvent, 'noise' | 'checksum-error' | 'malformed-frame'>;
      readonly detail: string;
      readonly bytes: Buffer;
    };

/** Makes APDUs of what arrives from those who speak by themselves. Pure: it knows no time. */
export interface Telegrams {
  push(bytes: Buffer): readonly Heard[];
  /** The line was silent for so long that what is unfinished will not be finished. */
  drop(): readonly Heard[];
}

// IEC 62056-46, 5.3.2: the header of the logical link control, from a server. Some meters that push forget its last byte.
const LLC_SERVER = Buffer.of(0xe6, 0xe7, 0x00);
const LONGEST_APDU = 65_535;

const UNNUMBERED = 0x03;
const isInformation = (control: number): boolean => (control & 1) === 0;
const numberOf = (control: number): number => (control >>> 1) & 7;
const isUnnumberedInformation = (control: number): boolean => (control & 0xef) === UNNUMBERED;

/** Telegrams in HDLC frames: UI frames as a rule, I frames from some. */
export class HdlcTelegrams implements Telegrams {
  readonly #framer = new HdlcFramer();
  #parts: Buffer[] = [];
  #last: Frame | undefined;

  push(bytes: Buffer): readonly Heard[] {
    return this.#framer.push(bytes).map((found) => this.#heard(found));
  }

  drop(): readonly Heard[] {
    this.#forget();
    const bytes = this.#framer.drop();
    // A closing flag stays there, since it may open the next frame.
    return bytes.length <= 1 ? [] : [{ kind: 'noise', detail: `${bytes.length} bytes of an unfinished frame`, bytes }];
  }

  #heard(found: Found): Heard {
    const { bytes } = found;
    if (found.kind !== 'frame') {
      // Which part of a telegram is missing is not to be known.
      this.#forget();
      return { kind: found.kind, detail: `${bytes.length} bytes`, bytes };
    }
    const { frame } = found;
    const { control, information } = frame;
    if (!isInformation(control) && !isUnnumberedInformation(control)) return { kind: 'part', bytes };
    if (this.#parts.length > 0 && !follows(this.#last, frame)) this.#forget();
    const isFirst = this.#parts.length === 0;
    if (isFirst && !information.subarray(0, 2).equals(LLC_SERVER.subarray(0, 2))) {
      return { kind: 'malformed-frame', detail: 'a frame that begins no APDU', bytes };
    }
    this.#parts.push(information);
    this.#last = frame;
    if (frame.segmented) return this.#unfinished(bytes);
    const apdu = Buffer.concat(this.#parts).subarray(LLC_SERVER.length);
    this.#forget();
    return { kind: 'apdu', apdu, source: frame.source.toString('hex'), bytes };
  }

  #unfinished(bytes: Buffer): Heard {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    if (length <= LONGEST_APDU) return { kind: 'part', bytes };
    this.#forget();
    return { kind: 'malformed-frame', detail: `more than ${LONGEST_APDU} bytes in parts`, bytes };
  }

  #forget(): void {
    this.#parts = [];
    this.#last = undefined;
  }
}

/** Whether a frame may carry the next part of what `last` began. */
function follows(last: Frame | undefined, frame: Frame): boolean {
  if (last === undefined || !last.source.equals(frame.source)) return false;
  if (isInformation(last.control) !== isInformation(frame.control)) return false;
  return !isInformation(frame.control) || numberOf(frame.control) === nextNumber(numberOf(last.control));
}

/** Telegrams in wrappers, over TCP or UDP. */
export class WrapperTelegrams implements Telegrams {
  #rest = Buffer.alloc(0);

  push(bytes: Buffer): readonly Heard[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const { packets, rest, fault } = unwrap(all);
    this.#rest = fault === undefined ? Buffer.from(rest) : Buffer.alloc(0);
    const heard = packets.map(({ source, apdu }): Heard => ({ kind: 'apdu', apdu, source: `${source}`, bytes: apdu }));
    return fault === undefined ? heard : [...heard, { kind: 'malformed-frame', detail: fault, bytes: rest }];
  }

  drop(): readonly Heard[] {
    const bytes = this.#rest;
    this.#rest = Buffer.alloc(0);
    return bytes.length === 0
      ? []
      : [{ kind: 'noise', detail: `${bytes.length} bytes of an unfinished packet`, bytes }];
  }
}
