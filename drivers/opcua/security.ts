import { z } from 'zod';

const securityPolicies = {
  Aes128_Sha256_RsaOaep: { isSecure: true },
  Aes256_Sha256_RsaPss: { isSecure: true },
  Basic256Sha256: { isSecure: true },
  // Withdrawn by the OPC Foundation: SHA-1, and keys that can be broken (Part 7, 6.6.161 onwards).
  Basic256: { isSecure: false },
  Basic128Rsa15: { isSecure: false },
  None: { isSecure: false },
} as const satisfies Record<string, { readonly isSecure: boolean }>;

const policyNames = z.enum([
  'Aes256_Sha256_RsaPss',
  'Aes128_Sha256_RsaOaep',
  'Basic256Sha256',
  'Basic256',
  'Basic128Rsa15',
  'None',
]);

/** One policy and one mode: what the server offers beside them is never taken in their place. */
export const securitySchema = z
  .strictObject({
    policy: policyNames.default('Basic256Sha256').meta({
      description: 'Algorithms of the channel. Basic256, Basic128Rsa15 and None are not secure and need allowInsecure.',
    }),
    mode: z
      .enum(['SignAndEncrypt', 'Sign', 'None'])
      .default('SignAndEncrypt')
      .meta({ description: 'Whether messages are signed and encrypted, or signed only; None with policy None.' }),
    allowInsecure: z
      .string()
      .min(8)
      .optional()
      .meta({
        description: 'Why an insecure policy is used; shown by `weir doctor`. Absent: none is.',
        examples: ['plant network of its own, controller without certificates, replaced 2027'],
      }),
  })
  .superRefine(({ policy, mode, allowInsecure }, context) => {
    if ((policy === 'None') !== (mode === 'None')) {
      complain('mode', `policy ${policy} does not go with mode ${mode}\nNone goes with None alone`);
    } else if (!securityPolicies[policy].isSecure && allowInsecure === undefined) {
      complain(
        'policy',
        `${policy} does not protect what is sent\nwrite Basic256Sha256, or say in allowInsecure why it must be`,
      );
    }
    function complain(key: string, message: string): void {
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

export type Security = z.output<typeof securitySchema>;
