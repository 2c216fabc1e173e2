import { z } from 'zod';
import { parities } from '../../src/collect/driver.ts';
import { tlsSchema } from '../../src/wire/tls-settings.ts';
import { duration } from '../../src/wire/duration-schema.ts';
import { serialPath } from '../../src/wire/serial-path-schema.ts';

const timeout = duration(10, 300_000)
  .prefault('1s')
  .meta({ description: 'Longest wait for a connection, and for a whole answer.' });
const retries = z
  .int()
  .min(0)
  .max(10)
  .default(1)
  .meta({ description: 'How often a request is repeated that was not answered.' });
const pause = duration(0, 60_000)
  .prefault('0ms')
  .meta({ description: 'Silence between an answer and the next request, for devices and gateways that need it.' });
const host = z
  .string()
  .regex(/^[^\s/]+$/, { error: 'write a host name or an IP address alone, e.g. 192.0.2.10' })
  .meta({ description: 'Name or IP address of the device or gateway.', examples: ['192.0.2.10'] });
const port = z.int().min(1).max(65_535);
const pipeline = z.int().min(1).max(16).default(1).meta({
  description: 'Requests of one device that may be outstanding at once; many devices take no more than one.',
});
const echo = z
  .boolean()
  .default(false)
  .meta({ description: 'The adapter hands back what it sends: taken out, and compared.' });

const network = {
  host,
  port: port.default(502).meta({ description: 'TCP or UDP port.' }),
  timeout,
  retries,
  pause,
};

const numbered = z.strictObject({
  transport: z.enum(['tcp', 'udp']).default('tcp').meta({ description: 'Modbus TCP, or its frames as datagrams.' }),
  ...network,
  pipeline,
});

const secured = z.strictObject({
  transport: z.literal('tls').meta({
    description: 'MODBUS/TCP Security: device and gateway prove by certificates who they are.',
  }),
  ...network,
  port: port.default(802).meta({ description: 'TCP port.' }),
  pipeline,
  tls: tlsSchema('device').meta({ description: 'How both sides prove who they are.' }),
});

const tunnelled = z.strictObject({
  transport: z.enum(['rtu-over-tcp', 'ascii-over-tcp']).meta({
    description: 'The frames of a serial line over TCP, as gateways send them that only pass bytes on.',
  }),
  ...network,
  echo,
});

const rs485 = z
  .strictObject({
    rtsOnSend: z.boolean().default(true).meta({ description: 'RTS is high while sending; false: low.' }),
    delayBefore: duration(0, 100).prefault('0ms').meta({ description: 'From turning the line to the first bit.' }),
    delayAfter: duration(0, 100).prefault('0ms').meta({ description: 'From the last bit to turning it back.' }),
  })
  .optional()
  .meta({
    description:
      "The kernel's driver turns an RS-485 line round by RTS. Absent: the adapter does it by itself, as most do.",
  });

const serial = z.strictObject({
  transport: z.literal('serial').meta({ description: 'A serial port of this machine.' }),
  path: serialPath,
  framing: z.enum(['rtu', 'ascii']).default('rtu').meta({ description: 'How bytes make a frame; nearly always rtu.' }),
  baud: z.int().min(300).max(4_000_000).default(19_200).meta({ description: 'Bits a second.' }),
  dataBits: z.literal([7, 8]).optional().meta({ description: 'Absent: 8, and 7 with framing ascii.' }),
  parity: z.enum(parities).default('even').meta({ description: 'Even by the standard; many devices have none.' }),
  stopBits: z.literal([1, 2]).optional().meta({
    description: 'Absent: 1, and 2 with parity none. With 1 as well as 2 we understand devices that send either.',
  }),
  timeout,
  retries,
  pause,
  gap: duration(0, 1_000).optional().meta({
    description:
      'Silence of the line before each request. Absent: the 3.5 characters of the standard, 1.75 ms above 19200 Bd; 0ms for a port that only exists in software.',
  }),
  echo,
  rs485,
});

/** The keys of a connection, by its transport. */
export const connectionSchema = z.discriminatedUnion('transport', [numbered, secured, tunnelled, serial]);

/** Durations in milliseconds. */
export type ConnectionSettings = z.output<typeof connectionSchema>;
export type SerialSettings = z.output<typeof serial>;
