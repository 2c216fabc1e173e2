import type { PointKind } from './point.ts';

/** What a quantity is by nature: the unit that profiles give it in, its OBIS code where IEC 62056-61 has one. */
export type Quantity = {
  readonly unit?: string;
  readonly kind: PointKind;
  readonly obis?: string;
  readonly text: string;
};

/** What the rules of one medium say of a code: a name, which is a quantity where the vocabulary has the word. */
export type NamedCode = { readonly name: string; readonly kind: PointKind; readonly unit?: string | undefined };
