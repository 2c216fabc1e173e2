import { z } from 'zod';
import { secretSchema } from '../../src/model/secret.ts';
import { lineSchema } from '../meter/line-schema.ts';
import { meterPointSchema } from '../meter/point-schema.ts';
import { isZone } from '../meter/time.ts';

export const connectionSchema = lineSchema(
  { baud: 115_200, dataBits: 8, parity: 'none' },
  {
    key: secretSchema
      .optional()
      .describe(
        'Key of an encrypted meter, 32 hexadecimal digits, from the grid operator. Absent: it is not encrypted.',
      ),
    authenticationKey: secretSchema
      .optional()
      .describe('Authentication key of an encrypted meter, likewise. Absent: the one that Luxembourg has published.'),
    verify: z
      .boolean()
      .default(true)
      .describe(
        'Whether the tag of encrypted telegrams must be right. INSECURE when false: whoever reaches the line can tell us anything; only for meters whose tag never verifies.',
      ),
  },
);

export const deviceSchema = z.strictObject({
  timezone: z
    .string()
    .refine(isZone, { error: 'is no time zone; write e.g. Europe/Amsterdam' })
    .default('Europe/Amsterdam')
    .meta({
      description: 'Where the clock of the meter is right; summer time it marks by itself.',
      examples: ['Europe/Brussels', 'Europe/Stockholm'],
    }),
});

export const pointSchema = meterPointSchema(
  'What has no OBIS code: clock-deviation, the seconds by which the clock of the meter is ahead.',
  'clock-deviation',
);

export type ConnectionSettings = z.output<typeof connectionSchema>;
export type DeviceSettings = z.output<typeof deviceSchema>;
