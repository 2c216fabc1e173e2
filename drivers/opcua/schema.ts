import { z } from 'zod';
import { duration } from '../../src/wire/duration-schema.ts';
import { parsed } from '../../src/model/parsed-schema.ts';
import { pathSchema, secretSchema } from '../../src/model/secret.ts';
import { deadbandSchema } from './deadband.ts';
import { parseMember } from './member.ts';
import { parseNode } from './node-id.ts';
import { securitySchema } from './security.ts';

const userSchema = z.union([
  z.literal('none'),
  z.strictObject({
    name: z.string().min(1).max(256).meta({ description: 'User name.' }),
    password: secretSchema.describe('Where its password is.'),
  }),
  z.strictObject({
    certificate: pathSchema.describe('PEM file of the certificate of a user.'),
    key: secretSchema.describe('Its private key, PEM.'),
  }),
]);

export const connectionSchema = z.strictObject({
  endpoint: z
    .string()
    .regex(/^opc\.tcp:\/\/(\[[0-9A-Fa-f:.]+\]|[^\s/:[\]]+)(:\d{1,5})?(\/\S*)?$/, {
      error: 'write opc.tcp:// with host, port and path as the server shows it, e.g. opc.tcp://192.0.2.20:4840',
    })
    .meta({ description: 'Where the server is.', examples: ['opc.tcp://192.0.2.20:4840'] }),
  security: securitySchema.prefault({}).meta({ description: 'How the channel is protected.' }),
  user: userSchema.default('none').meta({
    description: 'Who we say we are: none (anonymous), a name with its password, or the certificate of a user.',
    examples: [{ name: 'weir', password: { file: '/etc/weir/plant.password' } }],
  }),
  timeout: duration(100, 300_000)
    .prefault('10s')
    .meta({ description: 'Longest wait for a connection, and for an answer.' }),
  sessionTimeout: duration(10_000, 3_600_000)
    .prefault('60s')
    .meta({ description: 'How long the server shall keep the session while it hears nothing of us.' }),
  publishing: duration(50, 3_600_000)
    .prefault('1s')
    .meta({ description: 'How often the server sends what has changed; it may decide on another interval.' }),
  keepAlive: duration(1_000, 600_000)
    .prefault('5s')
    .meta({ description: 'How often the server says that it lives; after three times of silence we connect anew.' }),
});

export const deviceSchema = z.strictObject({
  sampling: duration(0, 3_600_000)
    .optional()
    .meta({ description: 'How often the server looks at the values of its points; absent: as often as it publishes.' }),
});

const valueTypes = z.enum([
  'bool',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
  'string',
]);

export const pointSchema = z.strictObject({
  node: parsed(parseNode).meta({
    description:
      'Node id of a variable. With nsu= and the URI of its namespace it stays right when the server numbers its namespaces anew.',
    examples: ['nsu=urn:vendor:plant;s=Boiler.Temperature', 'ns=2;s=Boiler.Temperature', 'i=2258'],
  }),
  type: valueTypes.default('float64').meta({
    description:
      'What it holds: float64 for any number, int64 where whole numbers beyond 2^53 occur, bool, or string for texts, times, and enumerations by their names.',
  }),
  index: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9}){0,4}$/)
    .or(z.int().min(0).transform(String))
    .optional()
    .meta({ description: 'Of an array: which element, from 0; of a matrix: "row,column".', examples: [0, '1,2'] }),
  member: parsed(parseMember)
    .optional()
    .meta({ description: 'Of a structure: the path of a field.', examples: ['position.x', 'axes[2].speed'] }),
  sampling: duration(0, 3_600_000)
    .optional()
    .meta({ description: "How often the server looks at the value, 0ms: as fast as it can; absent: the device's." }),
  queue: z.int().min(2).max(10_000).optional().meta({
    description: 'Values that the server keeps between two messages, the oldest go first; absent: as many as it takes.',
  }),
  deadband: deadbandSchema.optional().meta({
    description: 'Change that is worth telling, watched by the server: in its own unit, or in percent of its range.',
    examples: [0.5, '2%'],
  }),
  mode: z.enum(['subscribe', 'poll']).default('subscribe').meta({
    description: 'Whether the server tells of changes, or is asked every sampling interval.',
  }),
});

/** Durations in milliseconds. */
export type ConnectionSettings = z.output<typeof connectionSchema>;
export type DeviceSettings = z.output<typeof deviceSchema>;
export type PointAddress = z.output<typeof pointSchema>;
export type UserSettings = z.output<typeof userSchema>;
