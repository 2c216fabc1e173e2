import { z } from 'zod';

/** Where a secret is; its value is read when it is used (wire/secrets.ts), and never printed. */
export type SecretReference = { readonly file: string } | { readonly credential: string } | { readonly env: string };

// In the words of these schemas the second line says what to do; see config/explain.ts.

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
