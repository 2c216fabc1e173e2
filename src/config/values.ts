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

/** A path; relative ones begin in the folder of the main file. */
export const pathSchema = z.string().regex(/^[^\0\r\n]{1,4095}$/, 'is no path\nwrite the name of one file or folder');

const writtenOut = 'a secret must not stand in the configuration';
const referenceForms = '{ file: PATH }, { credential: NAME } or { env: NAME }';

/** Where a secret is; never the secret. Its words never repeat what was written: it may be one. */
export const secretSchema = z
  .union(
    [
      z.strictObject({ file: pathSchema }),
      z.strictObject({
        credential: z
          .string()
          .regex(
            /^[A-Za-z0-9_.-]{1,255}$/,
            'is no name of a credential\nwrite what stands before the colon in LoadCredential=',
          ),
      }),
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_]\w{0,254}$/, 'is no name of a variable\nwrite letters, digits and underscores'),
      }),
    ],
    {
      error: ({ input }) =>
        typeof input === 'object' && input !== null
          ? `is no reference to a secret\nwrite ${referenceForms}`
          : `${writtenOut}\nput it in a file that only the gateway's user can read and write ${referenceForms}`,
    },
  )
  .meta({ title: 'secret' });
