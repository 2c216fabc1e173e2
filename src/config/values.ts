import { z } from 'zod';
import { DURATION_FORM, SIZE_FORM, parseDuration, parseSize } from '../model/duration.ts';
import { shown } from './explain.ts';

// The kinds of values that keys have in common. In their words the second line says what to do; see explain.ts.

/** What names a gateway, connection, device, point or destination; ends up in MQTT topics, so no `/ + #` and no spaces. */
export const idSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: ({ input }) =>
    `${shown(input)} cannot be an id\nuse up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit`,
});

/** Free text about the gateway or a device, e.g. `{ city: geneva }`. */
export const labelsSchema = z.record(idSchema, z.string().min(1).max(256)).meta({ title: 'map of texts' });

/** Milliseconds, written as a duration. */
export function duration(least: string, most: string) {
  return measured({ parse: parseDuration, form: DURATION_FORM, least, most }).meta({ title: 'duration' });
}

/** Bytes, written as a size. */
export function size(least: string, most: string) {
  return measured({ parse: parseSize, form: SIZE_FORM, least, most }).meta({ title: 'size' });
}

type Measure = {
  readonly parse: (text: string) => number | undefined;
  readonly form: string;
  readonly least: string;
  readonly most: string;
};

function measured({ parse, form, least, most }: Measure) {
  const complaint = (input: unknown): string => `${shown(input)} is not ${form}`;
  const { minimum, maximum } = { minimum: parse(least) ?? 0, maximum: parse(most) ?? Infinity };
  return z
    .string({ error: ({ input }) => (typeof input === 'number' ? `${complaint(input)}\nadd its unit` : undefined) })
    .transform((text, context): number => {
      const amount = parse(text);
      if (amount !== undefined && amount >= minimum && amount <= maximum) return amount;
      const message = amount === undefined ? complaint(text) : `${text} is outside ${least} to ${most}`;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    });
}
