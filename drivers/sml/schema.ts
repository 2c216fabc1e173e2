import { z } from 'zod';
import { lineSchema } from '../meter/line-schema.ts';
import { meterPointSchema } from '../meter/point-schema.ts';
import { deviations, type Deviation } from './values.ts';

const names = Object.keys(deviations).filter((name): name is Deviation => Object.hasOwn(deviations, name));

export const connectionSchema = lineSchema(
  { baud: 9_600, dataBits: 8, parity: 'none' },
  {
    deviations: z
      .array(z.enum(names))
      .default([])
      .meta({
        description: `How the meter differs from the standard. ${Object.entries(deviations)
          .map(([name, text]) => `${name}: ${text}`)
          .join(' ')}`,
      }),
  },
);

export const deviceSchema = z.strictObject({
  server: z
    .string()
    .regex(/^[0-9A-Fa-f]{2,40}$/, { error: 'write the bytes of the server id, e.g. 0a0149534b000403df63' })
    .transform((text) => text.toLowerCase())
    .optional()
    .meta({
      description: 'Server id of the meter, in hexadecimal, where several speak on the line. Absent: whichever speaks.',
      examples: ['0a0149534b000403df63'],
    }),
});

export const pointSchema = meterPointSchema(
  'What has no OBIS code: clock-deviation, the seconds by which the clock of the meter is ahead.',
  'clock-deviation',
);

export type ConnectionSettings = z.output<typeof connectionSchema>;
export type DeviceSettings = z.output<typeof deviceSchema>;
