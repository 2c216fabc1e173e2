import { z } from 'zod';
import { pointKinds, readingClasses, type WriteRule } from '../model/point.ts';
import { everySchema } from './device-schema.ts';
import { shown } from './explain.ts';

/** Spellings seen on displays and in manuals, and what UCUM calls them. */
const misspeltUnits: Readonly<Record<string, string>> = {
  '°C': 'Cel',
  '°F': '[degF]',
  '°': 'deg',
  Wh: 'W.h',
  kWh: 'kW.h',
  MWh: 'MW.h',
  VA: 'V.A',
  kVA: 'kV.A',
  VAh: 'V.A.h',
  kVAh: 'kV.A.h',
  'm³': 'm3',
  'm³/h': 'm3/h',
};

const unitSchema = z
  .string()
  .min(1)
  .max(64)
  .superRefine((unit, context) => {
    const ucum = Object.hasOwn(misspeltUnits, unit) ? misspeltUnits[unit] : undefined;
    if (ucum !== undefined) context.addIssue(`${unit} is no UCUM unit\nwrite ${ucum}`);
    else if (!/^[!-~]+$/.test(unit))
      context.addIssue(`${shown(unit)} is no UCUM unit\nwrite e.g. kW.h, Cel, m3/h or %`);
  });

const finite = z.number();

const scalar = z.union([z.number(), z.string(), z.boolean()]);

/** A raw value; beyond 2^53 as decimal text, in which nothing is lost. */
const rawValue = z.union([z.number(), z.string(), z.bigint().transform(String)]).meta({ title: 'number or text' });

function contradicts({ min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }): boolean {
  return min !== undefined && max !== undefined && min > max;
}

const limitsSwapped = { error: 'min is above max\nswap them', path: ['min'] };

const writeSchema: z.ZodType<WriteRule> = z
  .strictObject({
    min: finite.exactOptional().describe('Smallest value that may be written.'),
    max: finite.exactOptional().describe('Largest value that may be written.'),
    step: finite.positive().exactOptional().describe('Values are multiples of this.'),
    values: z.array(scalar).min(1).exactOptional().describe('The only values that may be written.'),
  })
  .refine((rule) => !contradicts(rule), limitsSwapped);

/** What every point has besides its address, which its driver adds. */
export const pointSchema = z
  .strictObject({
    unit: unitSchema
      .exactOptional()
      .meta({ description: 'Unit after scaling, in UCUM.', examples: ['kW.h', 'Cel', 'm3/h'] }),
    quantity: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,63}$/, {
        error: ({ input }) =>
          `${shown(input)} is no quantity\nwrite small letters, digits and hyphens, e.g. active-energy-import`,
      })
      .exactOptional()
      .meta({ description: 'What it measures, in our vocabulary.', examples: ['active-energy-import'] }),
    obis: z
      .string()
      .regex(/^\d{1,3}-\d{1,3}:[0-9A-Z]{1,3}\.\d{1,3}\.\d{1,3}(\*\d{1,3})?$/, {
        error: ({ input }) => `${shown(input)} is no OBIS code\nwrite A-B:C.D.E, e.g. 1-0:1.8.0`,
      })
      .exactOptional()
      .meta({ description: 'IEC 62056-61 code.', examples: ['1-0:1.8.0'] }),
    kind: z
      .enum(pointKinds)
      .optional()
      .describe(
        "Absent: the quantity's, as counter for an energy; state for what is bool or has labels, text for what is text; else gauge.",
      ),
    scale: finite
      .refine((scale) => scale !== 0, 'a scale of 0 makes every value 0\nremove the line, or write e.g. 0.1')
      .default(1)
      .describe('The raw value is multiplied by this, exactly in decimal.'),
    offset: finite.default(0).describe('Added after scaling, in the unit.'),
    invalid: z.array(rawValue).max(64).prefault([]).describe('Raw values that mean "not available".'),
    min: finite.optional().describe('Below this a reading is uncertain (out-of-range).'),
    max: finite.optional().describe('Above this a reading is uncertain (out-of-range).'),
    deadband: finite.nonnegative().optional().describe('Smallest change worth a reading, in the unit.'),
    decimals: z.int().min(0).max(15).optional().describe('Digits after the point that values are rounded to.'),
    every: everySchema.optional().describe("Time between two reads; absent: the device's."),
    class: z.enum(readingClasses).optional().describe("Urgency and worth; absent: the device's."),
    write: writeSchema.exactOptional().describe('May be written by a centre, within these bounds; absent: never.'),
    labels: z
      .record(z.string().max(64), z.string().min(1).max(128))
      .optional()
      .describe('Names of the values of a state, e.g. { 0: off, 1: on }.'),
  })
  .refine((point) => !contradicts(point), limitsSwapped)
  .describe('A measured or settable quantity of a device, by name.');
