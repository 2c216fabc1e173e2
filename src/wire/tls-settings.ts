import { z } from 'zod';
import { pathSchema, secretSchema, type SecretReference } from '../model/secret.ts';

/** How both sides of a TLS connection prove who they are; see the schema. */
export type TlsSettings = {
  /** Paths of PEM files. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: SecretReference | undefined;
  /** Oldest version of TLS that is spoken; 1.3 when absent. */
  readonly minimum?: '1.2' | '1.3' | undefined;
  /** Why the far end's certificate is not verified; absent means that it is. */
  readonly allowInsecure?: string | undefined;
};

/** The keys below `tls`, where the far end is a `broker`, a `device` …; `insecurity` is what else is to be said of it. */
export function tlsSchema(peer: string, { insecurity }: { readonly insecurity?: string } = {}) {
  return z
    .strictObject({
      ca: pathSchema
        .optional()
        .describe(`PEM file of the authorities that vouch for the ${peer}; absent: the system's.`),
      certificate: pathSchema.optional().describe(`PEM file of our certificate, where the ${peer} asks for one.`),
      key: secretSchema.optional().describe('Its private key, PEM.'),
      minimum: z
        .enum(['1.2', '1.3'])
        .default('1.3')
        .describe(`Oldest TLS version that is accepted; 1.2 only for a ${peer} that has no newer one.`),
      allowInsecure: z
        .string()
        .min(8)
        .optional()
        .describe(
          `Why the ${peer}'s certificate is not verified${insecurity === undefined ? '' : `; ${insecurity}`}. Absent: it is verified.`,
        ),
    })
    .superRefine(({ certificate, key }, context) => {
      if ((certificate === undefined) === (key === undefined)) return;
      const [has, lacks] = certificate === undefined ? ['key', 'certificate'] : ['certificate', 'key'];
      context.addIssue({ code: 'custom', path: [has], message: `has no ${lacks} beside it\nadd ${lacks}` });
    });
}
