import { z } from 'zod';
import { parsed } from '../../src/model/parsed-schema.ts';
import type { Absent } from './absent.ts';
import { HIGHEST_ADDRESS, holdsBits, orders, parseLocation, parseType } from './address.ts';
import type { RegisterType } from './address.ts';

export const deviceSchema = z.strictObject({
  unit: z.int().min(0).max(255).default(1).meta({ description: 'Unit address (slave id) of the device.' }),
  order: z.enum(orders).default('ABCD').meta({
    description:
      'Order of the bytes as sent, A being the most significant; 64-bit values by the same pattern. A point may override it.',
  }),
  base: z
    .literal([0, 1])
    .default(0)
    .meta({ description: 'What the manual calls the first register: 1 where it counts from 1.' }),
  maxWords: z
    .int()
    .min(1)
    .max(125)
    .default(125)
    .meta({ description: 'Most registers that the device answers in one request; 16 coils count as one.' }),
  maxGap: z
    .int()
    .min(0)
    .max(124)
    .default(16)
    .meta({ description: 'Registers between two points that are read along rather than asked for separately.' }),
  models: z
    .array(z.int().min(1).max(65_534))
    .max(256)
    .optional()
    .meta({
      description:
        'Without points: the SunSpec models to read; absent: those that measure, with ratings and settings now and then.',
      examples: [[1, 103, 160]],
    }),
});

export const pointSchema = z
  .strictObject({
    read: parsed(parseLocation).meta({
      description: 'Table (coil, discrete, input, holding) and address, decimal or 0x.',
      examples: ['holding 100', 'input 0x10', 'coil 5'],
    }),
    type: parsed(parseType)
      .optional()
      .meta({
        description:
          'bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, bcd16, bcd32, string(n) with n characters, bits(a..b) of one register, 0 being the lowest. Needed for registers; coils and discrete inputs are bool.',
        examples: ['uint16', 'string(16)', 'bits(0..3)'],
      }),
    order: z.enum(orders).optional().meta({ description: "Order of the bytes, where it differs from the device's." }),
    scaleFrom: z
      .string()
      .optional()
      .meta({
        description:
          'Name of the point of this device that holds the power of ten which the value is multiplied by, as SunSpec devices have them: 2301 with -1 there is 230.1.',
        examples: ['voltage-scale'],
      }),
  })
  .superRefine(({ read, type, scaleFrom }, context) => {
    if (holdsBits(read.table)) {
      if (type !== undefined && type.name !== 'bool') complain(`a ${read.table} is bool, not ${type.name}`);
    } else if (type === undefined) {
      complain(`missing: a ${read.table} register needs a type, e.g. uint16, int32 or float32`);
    } else {
      const end = lastAddress(read.address, type);
      if (end > HIGHEST_ADDRESS) complain(`its last register ${end} is above ${HIGHEST_ADDRESS}`);
    }
    if (scaleFrom !== undefined && (type === undefined || type.name === 'bool' || type.name === 'string')) {
      context.addIssue({ code: 'custom', path: ['scaleFrom'], message: 'has no meaning for what is no number' });
    }
    function complain(message: string): void {
      context.addIssue({ code: 'custom', path: ['type'], message });
    }
  });

function lastAddress(address: number, type: RegisterType): number {
  return address + type.words - 1;
}

export type DeviceSettings = z.output<typeof deviceSchema>;
export type PointAddress = z.output<typeof pointSchema> & Described;

/** What a device that describes itself says of a point besides its place. */
type Described = {
  /** Its mark for having no value. */
  readonly absent?: Absent;
  /** Where in the same table the power of ten lies that a value is multiplied by; `shift` is added to it. */
  readonly factor?: { readonly address: number; readonly shift: number };
};
