import { z } from 'zod';
import { formatObis, type Obis } from '../../src/model/obis.ts';
import { secretSchema } from '../../src/model/secret.ts';
import { meterPointSchema, type MeterAddress } from '../meter/point-schema.ts';
import { isZone } from '../meter/time.ts';
import { clocks } from './cosem-time.ts';
import { parseName } from './logical-name.ts';

const code = z.string().transform((text, context): Obis => {
  const obis = parseName(text);
  if (obis !== undefined) return obis;
  context.issues.push({ code: 'custom', message: `"${text}" is no OBIS code: write e.g. 1-0:1.8.0`, input: text });
  return z.NEVER;
});

/** A code always written the same. */
const writtenCode = code.transform(formatObis);

/** The number of a device or client; each end of a wrapper has sixteen bits for it, HDLC seven or fourteen. */
const address = z.int().min(0).max(0xffff);

const title = z
  .string()
  .regex(/^[0-9a-fA-F]{16}$/, { error: 'a system title is 16 hexadecimal digits, e.g. 4b464d1020304050' })
  .transform((text) => text.toLowerCase());

const associations = ['none', 'lls', 'hls5-gmac'] as const;

export const deviceSchema = z.strictObject({
  server: address.default(1).meta({ description: 'Logical device of the meter; 1 is the one that manages it.' }),
  physical: z.int().min(0).max(0x3fff).optional().meta({
    description: 'Physical device of the meter on an HDLC line, as its manual or its serial number says. Absent: none.',
  }),
  addressBytes: z.literal([1, 2, 4]).optional().meta({
    description: "Bytes of the meter's HDLC address. Absent: 1 without physical, else 4.",
  }),
  frameBytes: z.int().min(128).max(2_030).default(128).meta({
    description: 'Bytes of information in an HDLC frame that are proposed to the meter; 128 is what every meter takes.',
  }),
  client: address.default(16).meta({
    description: 'Whom the meter takes us for: 16 is the public client, most give other rights to 1 or 2.',
  }),
  naming: z.enum(['logical', 'short']).default('logical').meta({
    description:
      'How the meter names its objects: by OBIS code, or, as some older ones do, by numbers, which is for HDLC, and for reading without keys.',
  }),
  association: z.enum(associations).default('none').meta({
    description: 'How we prove who we are: not at all, by password (lls), or by keys (hls5-gmac).',
  }),
  password: secretSchema.optional().meta({ description: 'Where the password of lls is.' }),
  keys: z
    .strictObject({
      encryption: secretSchema.meta({ description: 'Where the encryption key is: 32 hexadecimal digits.' }),
      authentication: secretSchema
        .optional()
        .meta({ description: 'Where the authentication key is: 32 hexadecimal digits.' }),
    })
    .optional()
    .meta({ description: 'Keys of security suite 0. With them, what is not protected is not taken.' }),
  dedicatedKey: z.boolean().default(false).meta({
    description: 'true: each association has an encryption key of its own, which is made for it and sent protected.',
  }),
  generalBlocks: z.boolean().default(false).meta({
    description:
      'true: what is too long for one APDU may come in general blocks (GBT), several at once over TCP and UDP; lost ones are asked for again.',
  }),
  systemTitle: title.optional().meta({
    description: 'Our system title, where there are keys: three letters and five bytes, as 16 hexadecimal digits.',
  }),
  meter: title.optional().meta({
    description: 'System title of the meter, for several on one line that push: whose telegrams are whose.',
  }),
  verify: z.boolean().default(true).meta({
    description:
      'false: telegrams whose authentication tag is missing or wrong are taken as well, and marked unverified. Anybody could have sent them.',
  }),
  list: z
    .union([
      z.literal('kaifa'),
      z
        .array(z.union([z.literal('-'), code]))
        .min(1)
        .max(256),
    ])
    .optional()
    .meta({
      description:
        'For pushed lists whose values have no names: kaifa for those of its Norwegian meters, or the codes of the values in their order, - for one to be left out. Absent: the names in the list.',
      examples: ['kaifa', ['1-0:1.8.0', '-', '1-0:2.8.0']],
    }),
  loadProfile: writtenCode.prefault('1-0:99.1.0').meta({
    description: 'OBIS code of the load profile from which outages are filled, where the meter is asked.',
    examples: ['1-0:99.1.0', '1-0:99.2.0'],
  }),
  clock: z.enum(clocks).default('deviation').meta({
    description:
      "How the meter's times are meant: with the deviation from UTC that it gives, with that reversed, or as those of the zone whatever it gives.",
  }),
  zone: z
    .string()
    .refine(isZone, { error: 'is no time zone: write e.g. Europe/Vienna' })
    .optional()
    .meta({ description: "Zone of the meter's clock, where it gives no deviation. Absent: that of this machine." }),
});

/** Interface classes whose attributes are single values, by the names that manuals give them: IEC 62056-62. */
export const objectClasses = {
  data: 1,
  register: 3,
  'extended-register': 4,
  'demand-register': 5,
  clock: 8,
} as const;

const classNames = ['data', 'register', 'extended-register', 'demand-register', 'clock'] as const;

const { unit, kind } = meterPointSchema('', '').shape;

const pointShape = z.strictObject({
  obis: writtenCode.optional().meta({
    description: 'OBIS code of the object, which is its logical name.',
    examples: ['1-0:1.8.0', '0-0:96.1.0'],
  }),
  register: z
    .literal('clock-deviation')
    .optional()
    .meta({ description: "By how many seconds the clock of a meter that pushes is ahead of the gateway's." }),
  object: z
    .union([z.enum(classNames).transform((name): number => objectClasses[name]), z.int().min(1).max(0xffff)])
    .optional()
    .meta({
      description: 'Interface class of the object, by name or number, where it is asked for. Absent: found out.',
      examples: ['register', 'clock', 3],
    }),
  attribute: z.int().min(1).max(127).optional().meta({
    description: 'Number of the attribute, where it is asked for. Absent: 2, the value.',
  }),
  unit,
  kind,
});

export const pointSchema = pointShape.superRefine(({ obis, register }, context) => {
  if ((obis === undefined) !== (register === undefined)) return;
  const message =
    obis === undefined
      ? 'missing: the OBIS code of the object, e.g. 1-0:1.8.0'
      : 'has a register besides: write one of the two';
  context.addIssue({ code: 'custom', path: ['obis'], message });
});

export type DeviceSettings = z.output<typeof deviceSchema>;
export type PointAddress = MeterAddress & {
  readonly object?: number | undefined;
  readonly attribute?: number | undefined;
};
