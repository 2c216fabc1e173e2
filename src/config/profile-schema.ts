import { z } from 'zod';
import { domains } from '../model/point.ts';

const scalar = z.union([z.number(), z.string(), z.boolean()]);

/** A profile's file: the points of a device model, as data. */
export const profileSchema = z.strictObject({
  driver: z.string().describe('The protocol that the device speaks.'),
  vendor: z.string().min(1).describe('Who makes it.'),
  model: z.string().min(1).describe('What its plate says.'),
  description: z.string().min(1).describe('What it is, in a line.'),
  document: z
    .strictObject({
      title: z.string().min(1).describe('Title.'),
      revision: z.string().min(1).describe('Version or date.'),
      url: z.url().exactOptional().describe('Where it can be had.'),
    })
    .describe('The document that the points come from.'),
  verified: z
    .enum(['capture', 'document'])
    .describe('Checked against a recorded device, or against the document alone.'),
  domain: z.enum(domains).optional().describe('Domain of its devices, unless they say another.'),
  device: z.record(z.string(), z.unknown()).prefault({}).describe("Defaults for the driver's keys of a device."),
  points: z.record(z.string(), z.unknown()).describe('By name, as in weir.yaml.'),
  fingerprint: z
    .array(z.looseObject({ equals: scalar }))
    .min(1)
    .optional()
    .describe('Addresses and the values by which the model is recognised.'),
});

/** What an entry of `fingerprint` has besides the address. */
export const fingerprintSchema = z.strictObject({ equals: scalar });
