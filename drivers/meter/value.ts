import type { Decimal } from '../../src/model/decimal.ts';
import type { Obis } from '../../src/model/obis.ts';
import type { Reason } from '../../src/model/reading.ts';

/** One value as a meter sent it, whatever the protocol. */
export type MeterValue = {
  /** The name under which the protocol carries it, always written the same: the OBIS code, or what stands for it. */
  readonly register: string;
  /** Undefined where the register is no OBIS code. */
  readonly obis: Obis | undefined;
  /** Which of several values of one register it is; 0 for the first. */
  readonly index: number;
  /** Where the protocol knows better than the OBIS code: a name, or the quantity with its channel. */
  readonly name?: string;
  readonly quantity?: string;
  readonly content: MeterContent;
  /** Milliseconds since 1970 UTC, where the meter says when it measured this. */
  readonly time: number | null;
};

export type MeterContent =
  /** The decimal exactly as sent; `unit` in UCUM, undefined where the meter names none, with a `?` in front where it is not known. */
  | { readonly kind: 'number'; readonly decimal: Decimal; readonly unit: string | undefined }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly on: boolean }
  /** The meter has the register, but no value for it now. */
  | { readonly kind: 'none'; readonly reason: Reason };
