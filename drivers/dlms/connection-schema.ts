import { z } from 'zod';
import { parities } from '../../src/collect/driver.ts';
import { duration } from '../../src/wire/duration-schema.ts';

const mode = z.enum(['ask', 'push']).default('ask').meta({
  description: 'ask: the meters are asked for their values; push: they send them by themselves, and are only heard.',
});
const timeout = duration(10, 300_000)
  .prefault('5s')
  .meta({ description: 'Longest wait for a connection, and for a whole answer.' });
const retries = z.int().min(0).max(10).default(2).meta({
  description: 'How often a frame is asked for again that did not arrive. Has no meaning for wrappers.',
});
const host = z
  .string()
  .regex(/^[^\s/]+$/, { error: 'write a host name or an IP address alone, e.g. 192.0.2.10' })
  .meta({ description: 'Name or IP address of the meter or gateway.', examples: ['192.0.2.10'] });
const port = z.int().min(1).max(65_535);
const frames = { description: 'How APDUs travel: in frames of HDLC, or those of M-Bus as some meters push.' };

const tcp = z.strictObject({
  transport: z
    .literal('tcp')
    .default('tcp')
    .meta({ description: 'A meter on the network, or a serial line behind it.' }),
  mode,
  framing: z.enum(['wrapper', 'hdlc', 'mbus']).default('wrapper').meta({
    description:
      'How APDUs travel: in wrappers; or in the frames of HDLC, or those of M-Bus as some meters push, where a gateway passes on a serial line.',
  }),
  host,
  port: port.default(4059).meta({ description: 'TCP port.' }),
  timeout,
  retries,
});

const udp = z.strictObject({
  transport: z.literal('udp').meta({ description: 'A meter on the network, one wrapper a datagram.' }),
  mode,
  host,
  port: port.default(4059).meta({ description: 'UDP port.' }),
  timeout,
});

const serial = z.strictObject({
  transport: z.literal('serial').meta({ description: 'A serial port of this machine.' }),
  mode,
  framing: z.enum(['hdlc', 'mbus']).default('hdlc').meta(frames),
  opening: z.enum(['hdlc', 'mode-e']).default('hdlc').meta({
    description:
      'How a conversation begins: in HDLC at once; or at 300 Bd with the sign-on of IEC 62056-21 that optical heads have (mode E), which agrees on the speed.',
  }),
  signOnAddress: z
    .string()
    .regex(/^[0-9A-Za-z ]{0,32}$/, { error: 'has up to 32 digits, letters and spaces' })
    .default('')
    .meta({
      description: 'Device address of the meter in that sign-on. Absent: whichever hears us.',
      examples: ['12345678'],
    }),
  path: z
    .string()
    .regex(/^\/\S+$/, { error: 'write the path of a serial port, e.g. /dev/serial/by-id/usb-FTDI_A10K-if00-port0' })
    .meta({
      description: 'The port, by a name that stays when adapters are plugged in anew: by-id, or by-path.',
      examples: ['/dev/serial/by-id/usb-FTDI_FT232R_A10K-if00-port0'],
    }),
  baud: z.int().min(300).max(921_600).default(9_600).meta({
    description: 'Bits a second; HAN ports have 2400 to 115200. With mode E the most that a meter may change to.',
  }),
  dataBits: z.literal([7, 8]).default(8).meta({ description: 'Bits of a character.' }),
  parity: z.enum(parities).default('none').meta({ description: 'None by the standard; some HAN ports have even.' }),
  stopBits: z.literal([1, 2]).default(1).meta({ description: 'Stop bits of a character.' }),
  timeout,
  retries,
});

/** The keys of a connection, by its transport. */
export const connectionSchema = z.discriminatedUnion('transport', [tcp, udp, serial]);

/** Durations in milliseconds. */
export type ConnectionSettings = z.output<typeof connectionSchema>;
