import { z } from 'zod';
import type { DriverDevice, DriverPoint } from '../../src/collect/driver.ts';
import { secretSchema } from '../../src/model/secret.ts';
import { isZone } from '../meter/time.ts';
import { explainName } from './known-names.ts';
import { parseRecord, printRecord, type RecordKey } from './record-name.ts';
import { parseSecondary, type SecondaryAddress } from './secondary-address.ts';

/** A text that `parse` turns into a value, or into the sentence that says what is wrong with it. */
function parsed<T extends object>(parse: (text: string) => T | string) {
  return z.string().transform((text, context): T => {
    const result = parse(text);
    if (typeof result !== 'string') return result;
    context.issues.push({ code: 'custom', message: result, input: text });
    return z.NEVER;
  });
}

// EN 13757-2, 5.7.5: 251 and 252 are reserved, 253 is whoever was selected, 254 and 255 are everybody.
export const LAST_PRIMARY = 250;

const primary = z
  .int({ error: 'write a whole number, or a secondary address as text, e.g. "12345678 KAM 1B 16"' })
  .min(0)
  .max(LAST_PRIMARY, { error: `is above ${LAST_PRIMARY}: those are no addresses of single meters` });

/** By a number that was given to the meter, or by what stands on its plate. */
export type MeterAddress = number | SecondaryAddress;

export const deviceSchema = z.strictObject({
  address: z
    .union([primary, parsed(parseSecondary)])
    .default(0)
    .meta({
      description:
        'Primary address, 0 to 250; or secondary address: number, manufacturer, version and medium in hexadecimal, less of it from the left, F for any digit and * for any other part.',
      examples: [5, '12345678 KAM 1B 16', '12345678'],
    }),
  key: secretSchema.optional().meta({
    description: 'The 32 hexadecimal digits by which the meter encrypts (AES-128, mode 5), where it does.',
  }),
  zone: z
    .string()
    .refine(isZone, { error: 'is no time zone that this system knows: write one like Europe/Vienna' })
    .optional()
    .meta({ description: "Zone of the meter's clock; absent: this machine's.", examples: ['Europe/Vienna'] }),
});

export const pointSchema = z.strictObject({
  record: parsed(parseRecordName).meta({
    description:
      'What the meter sends, as `weir device read` names it: a quantity, then max, min or error, storage, tariff and subunit where they are not 0, and #2 for the second that is alike.',
    examples: ['energy', 'volume storage 1 tariff 2', 'power max', 'voltage l1'],
  }),
  unit: z
    .string()
    .optional()
    .meta({
      description:
        'UCUM unit that the value is wanted in, before `scale`: what the meter sends in another one is converted, exactly, or is bad. Absent: that of the vocabulary.',
      examples: ['m3'],
    }),
  type: z.enum(['number', 'text']).optional().meta({
    description: 'What it holds, where its name does not tell: absent, a number but for dates, names and the like.',
  }),
});

/** A record, and the text by which it is looked up. */
export type NamedRecord = RecordKey & { readonly text: string };

function parseRecordName(text: string): NamedRecord | string {
  const key = parseRecord(text);
  if (typeof key === 'string') return key;
  return explainName(key.name) ?? { ...key, text: printRecord(key) };
}

export type DeviceSettings = z.output<typeof deviceSchema>;
export type PointAddress = z.output<typeof pointSchema>;

export type Device = DriverDevice<DeviceSettings, PointAddress>;
export type Points = readonly DriverPoint<PointAddress>[];
