import { z } from 'zod';
import { defineDriver } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';

const types = ['int16', 'uint16', 'uint64', 'float32', 'bool', 'string'] as const;

/** A driver that can be configured in every way and connected in none, for tests of the configuration. */
export const toyDriver = defineDriver({
  name: 'toy',
  schemas: {
    connection: z.discriminatedUnion('transport', [
      z.strictObject({
        transport: z.literal('tcp'),
        host: z.string().meta({ examples: ['192.0.2.10'] }),
        port: z.int().min(1).max(65_535).default(502),
      }),
      z.strictObject({ transport: z.literal('serial'), path: z.string() }),
    ]),
    device: z.strictObject({
      unit: z.int().min(0).max(255).default(1),
      order: z.enum(['AB', 'BA']).default('AB'),
    }),
    point: z.strictObject({
      read: z
        .string()
        .regex(/^(input|holding) \d+$/, 'is no address\nwrite e.g. holding 100')
        .transform((text, context) => {
          const [table = '', number = ''] = text.split(' ');
          if (Number(number) <= 65_535) return { table, number: Number(number) };
          context.addIssue(`${number} is above 65535 (addresses have 16 bits)`);
          return z.NEVER;
        })
        .meta({ examples: ['holding 100'] }),
      type: z.enum(types).default('uint16'),
    }),
  },
  describe: ({ read, type }) => ({ type, writable: read.table === 'holding' }),
  open: () => Promise.reject(new GatewayError('connection-failed', 'nobody is there')),
});

/** The loaders that a configuration is checked with: the toy, and it again under the name `other`. */
export const toyDrivers = {
  toy: () => Promise.resolve(toyDriver),
  other: () => Promise.resolve({ ...toyDriver, name: 'other' }),
};
