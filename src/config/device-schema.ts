import { z } from 'zod';
import { domains, readingClasses } from '../model/point.ts';
import { PROFILE_NAME } from './profile-folders.ts';
import { duration, labelsSchema } from './values.ts';

export const profileNameSchema = z.string().regex(PROFILE_NAME, {
  error: 'is no name of a profile\nwrite vendor/model as `weir profile list` shows it',
});

/** Time between two reads of a point; shorter is no polling any more. */
export const everySchema = duration('10ms', '366d');

/** What every device has; its driver adds the rest, and `points` hold the points by name. */
export const deviceSchema = z
  .strictObject({
    connection: z.string().meta({ description: 'Id of the connection that it is on.', examples: ['switchroom'] }),
    profile: profileNameSchema.optional().meta({
      description: 'The points of this model, vendor/model; see `weir profile list`.',
      examples: ['eastron/sdm630'],
    }),
    every: everySchema.prefault('10s').describe('Time between two reads, aligned: 15m falls on :00 :15 :30 :45.'),
    domain: z
      .enum(domains)
      .optional()
      .describe("Field of the city's life that it serves; absent: as the profile says."),
    labels: labelsSchema.prefault({}).describe("Travel with each of its points, before the gateway's."),
    class: z
      .enum(readingClasses)
      .default('normal')
      .describe('Urgency and worth: alarms are sent at once, bulk is dropped first when the journal is full.'),
    clockBound: duration('1s', '366d')
      .optional()
      .describe('By how much its clock may be off before that is an event, of meters that show it. Absent: 60s.'),
    points: z
      .record(z.string(), z.unknown())
      .prefault({})
      .describe(
        'By name. They add to those of the profile; one of the same name overrides single keys of it, and null removes it. Without any, the device itself is asked what it holds, where its driver can do so.',
      ),
  })
  .describe('A meter or controller, by id.');
