import { z } from 'zod';

/** How far a value has to move before the server tells of it: in its own unit, or in percent of its range (EURange). */
export type Deadband = { readonly kind: 'absolute' | 'percent'; readonly value: number };

/** `0.5` or `2%`. */
export const deadbandSchema = z.union(
  [
    z
      .number()
      .nonnegative()
      .transform((value): Deadband => ({ kind: 'absolute', value })),
    z
      .string()
      .regex(/^\d{1,2}(\.\d{1,6})?%$|^100%$/)
      .transform((text): Deadband => ({ kind: 'percent', value: Number(text.slice(0, -1)) })),
  ],
  { error: 'is no deadband\nwrite a number in the unit of the server, e.g. 0.5, or a part of its range, e.g. 2%' },
);
