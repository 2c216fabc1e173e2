import { z } from 'zod';
import { secretSchema } from '../model/secret.ts';
import { securityPolicies } from './configuration.ts';
import { selectSchema } from './select-schema.ts';
import { idSchema } from './values.ts';

const securitySchema = z
  .strictObject({
    policies: z
      .array(z.enum(securityPolicies))
      .min(1)
      .default(['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'])
      .describe('Security policies that are offered. None neither signs nor encrypts: it needs allowInsecure.'),
    modes: z
      .array(z.enum(['Sign', 'SignAndEncrypt']))
      .min(1)
      .default(['Sign', 'SignAndEncrypt'])
      .describe('Whether messages are signed, or signed and encrypted.'),
    anonymous: z.boolean().default(false).describe('Lets in whoever gives no name, to read. Needs allowInsecure.'),
    allowInsecure: z
      .string()
      .min(8)
      .optional()
      .describe('Why policy None or anonymous is allowed; shown in `weir status`. Absent: neither is.'),
  })
  .superRefine(({ policies, anonymous, allowInsecure }, context) => {
    if (allowInsecure !== undefined) return;
    const advice = 'say why in allowInsecure, or remove it';
    const none = policies.indexOf('None');
    if (none >= 0) {
      const message = `None neither signs nor encrypts\n${advice}`;
      context.addIssue({ code: 'custom', path: ['policies', none], message });
    }
    if (anonymous) context.addIssue({ code: 'custom', path: ['anonymous'], message: `lets everybody read\n${advice}` });
  })
  .prefault({})
  .describe('How clients prove who they are. Their certificates are trusted one by one.');

const userSchema = z.strictObject({
  password: secretSchema.describe('Where the password is.'),
  write: z.boolean().default(false).describe('May write to the points that have write rules, within these.'),
});

/** A word that can stand in a url: an address or the name of a host. */
const HOST_FORM = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[?[0-9a-fA-F:.]{2,45}\]?)$/;

export const serverSchema = z
  .strictObject({
    protocol: z.literal('opcua').describe('What is spoken.'),
    host: z
      .string()
      .regex(HOST_FORM, 'is no address of this machine\nwrite e.g. 127.0.0.1, or 0.0.0.0 for all its addresses')
      .default('127.0.0.1')
      .describe('Address of this machine to listen at; 0.0.0.0 for all of them.'),
    port: z.int().min(1).max(65_535).default(4840).describe('TCP port.'),
    security: securitySchema,
    users: z.record(idSchema, userSchema).default({}).describe('Who may read, by name.'),
    select: selectSchema('What is offered; several conditions must all hold. Absent: everything.'),
    sessions: z.int().min(1).max(100).default(10).describe('Most clients at a time.'),
  })
  .superRefine(({ users, security }, context) => {
    if (security.anonymous || Object.keys(users).length > 0) return;
    const message = 'lets nobody in\nadd users: { NAME: { password: { file: PATH } } }';
    context.addIssue({ code: 'custom', path: ['users'], message });
  })
  .describe('What others on the local network read from this gateway, by name. Nothing listens without it.');
