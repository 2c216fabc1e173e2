import { z } from 'zod';
import { domains, readingClasses } from '../model/point.ts';

/** One text or several. */
const texts = z
  .union([z.string().transform((text) => [text]), z.array(z.string()).min(1)])
  .meta({ title: 'text or list' });

/** A selection of points; `meaning` says what for. */
export function selectSchema(meaning: string) {
  return z
    .strictObject({
      domain: z.array(z.enum(domains)).min(1).exactOptional().describe('Only points of these domains.'),
      device: z.array(z.string()).min(1).exactOptional().describe('Only points of these devices.'),
      point: z.array(z.string()).min(1).exactOptional().describe('Only these points, as device/point.'),
      class: z.array(z.enum(readingClasses)).min(1).exactOptional().describe('Only readings of these classes.'),
      label: z
        .record(z.string(), texts)
        .exactOptional()
        .describe('Only points with one of these values in each label named.'),
    })
    .prefault({})
    .describe(meaning);
}
