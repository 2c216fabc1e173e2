import { z } from 'zod';
import { secretSchema } from '../../src/model/secret.ts';
import { duration } from '../../src/wire/duration-schema.ts';
import { lineSchema } from '../meter/line-schema.ts';
import { meterPointSchema } from '../meter/point-schema.ts';
import { isZone } from '../meter/time.ts';
import { FIRST_BAUD } from '../meter/identification.ts';

export const connectionSchema = lineSchema(
  { baud: FIRST_BAUD, dataBits: 7, parity: 'even' },
  {
    mode: z.enum(['auto', 'A', 'B', 'C', 'D']).default('auto').meta({
      description:
        'What the meter does: auto asks it, and goes on as it answers (A, B or C; E as C); D listens to what it sends by itself, at `baud`.',
    }),
    maxBaud: z.literal([300, 600, 1_200, 2_400, 4_800, 9_600, 19_200]).optional().meta({
      description:
        'Fastest speed that a meter may change to, for heads and lines that cannot do more. Absent: 19200, and over tcp, where nobody can change it, that of the beginning.',
    }),
    softwareParity: z.boolean().default(false).meta({
      description: 'The line carries eight bits without parity: the eighth is the parity, which we then see to.',
    }),
    answerTimeout: duration(200, 60_000)
      .prefault('2s')
      .meta({ description: 'Longest silence before and within an answer; the standard allows 1.5 s.' }),
    retries: z.int().min(0).max(5).default(1).meta({ description: 'How often a readout is repeated that failed.' }),
  },
);

export const deviceSchema = z.strictObject({
  address: z
    .union([
      z.string().regex(/^[0-9A-Za-z ]{0,32}$/, { error: 'has up to 32 digits, letters and spaces' }),
      z.int().nonnegative().transform(String),
    ])
    .default('')
    .meta({
      title: 'text',
      description:
        'Device address, where several meters share a line; in quotes where it begins with 0. Absent: whichever hears us.',
      examples: ['12345678'],
    }),
  wakeup: z
    .int()
    .min(0)
    .max(1_000)
    .default(0)
    .meta({ description: 'Zeros that are sent first, for meters on a battery that sleep: 65 are 2.2 s at 300 Bd.' }),
  password: secretSchema
    .optional()
    .describe('Of programming mode, for registers and the load profile of meters that ask for it.'),
  registers: z
    .boolean()
    .default(false)
    .meta({ description: 'Reads each point by itself in programming mode (R5), instead of the whole readout.' }),
  partialBlocks: z.boolean().default(false).meta({
    description: 'Reads the load profile in partial blocks (R6), of meters that do not tell it at once (R5).',
  }),
  timezone: z
    .string()
    .refine(isZone, { error: 'is no time zone; write e.g. Europe/Berlin' })
    .optional()
    .meta({
      description: "Where the clock of the meter is right; absent: this machine's zone.",
      examples: ['Europe/Berlin'],
    }),
});

const meterPoint = meterPointSchema(
  'Address as the meter writes it, where it is no OBIS code; or clock-deviation, the seconds by which its clock is ahead.',
  '6.26*01',
);

export const pointSchema = meterPoint.safeExtend({
  value: z.int().min(0).max(31).default(0).meta({ description: 'Which of several values behind the address, from 0.' }),
});

export type ConnectionSettings = z.output<typeof connectionSchema>;
export type DeviceSettings = z.output<typeof deviceSchema>;
