import { z } from 'zod';
import { pathSchema } from '../model/secret.ts';
import { duration, idSchema, labelsSchema, size } from './values.ts';

// With connection-, device-, point- and destination-schema.ts, and what each driver adds, the one source of the
// configuration's types, checks, defaults, reference and editor completion.

export const gatewaySchema = z
  .strictObject({
    id: idSchema.meta({
      description: 'Name of this gateway in topics and messages. No two gateways of a centre may share it.',
      examples: ['harbour-07'],
    }),
    labels: labelsSchema.prefault({}).describe("Travel with every point; a device's own win."),
  })
  .meta({ description: 'Who this gateway is.', examples: ['gateway: { id: harbour-07 }'] });

/** Where the packages keep the journal; the control socket is then in the folder that the service manager provides. */
export const INSTALLED_JOURNAL = '/var/lib/weir';

export const journalSchema = z
  .strictObject({
    path: pathSchema.default(INSTALLED_JOURNAL).describe('Folder of the journal.'),
    keep: z
      .strictObject({
        size: size('1MiB', '1024TiB').prefault('2GiB').describe('Most room that it takes on the disk.'),
        age: duration('1m', '36500d').prefault('30d').describe('Longest time that a reading is kept.'),
      })
      .prefault({})
      .describe('Beyond this, what all destinations have goes first, then the oldest, announced as a gap.'),
    commit: duration('1ms', '10m')
      .prefault('1s')
      .describe('Longest time that a reading may wait in memory. 10s spares an SD card.'),
  })
  .prefault({})
  .describe('The durable buffer between devices and destinations.');

export const clockSchema = z
  .strictObject({
    trusted: z
      .boolean()
      .default(false)
      .describe('The clock of this machine is right from its start, e.g. by a battery.'),
    hold: duration('0s', '30d')
      .prefault('10m')
      .describe(
        'After a start at which the time is not known, readings wait so long for it before they go out as estimated.',
      ),
  })
  .prefault({})
  .describe('How far the clock of this machine can be believed.');

export const MAX_SOCKET_PATH = 107; // bytes; sun_path of unix(7) has 108 with the closing zero

export const controlSchema = z
  .strictObject({
    socket: pathSchema
      .optional()
      .describe(
        `Unix socket of the daemon. Absent: /run/weir/control.sock, or control.sock in journal.path when that is not ${INSTALLED_JOURNAL}.`,
      ),
  })
  .prefault({})
  .describe('How the command line reaches the daemon.');

export const auditSchema = z
  .strictObject({
    path: pathSchema.optional().describe('Its file. Absent: audit.log in journal.path.'),
    size: size('64KiB', '16GiB').prefault('16MiB').describe('Most room that it and its older files take on the disk.'),
  })
  .prefault({})
  .describe('The log of what must be answered for: commands, writes, starts, configurations. See `weir audit`.');
