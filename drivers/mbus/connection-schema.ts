import { z } from 'zod';
import { parities } from '../../src/collect/driver.ts';
import { duration } from '../../src/wire/duration-schema.ts';
import { serialPath } from '../../src/wire/serial-path-schema.ts';

const timeout = duration(50, 60_000).prefault('1s').meta({
  description:
    'Longest wait for a connection, and for the beginning of an answer. Meters take 330 bits and 50 ms at most, which is 190 ms at 2400 Bd; gateways add their own time.',
});
const retries = z
  .int()
  .min(0)
  .max(10)
  .default(2)
  .meta({ description: 'How often a request is repeated that was not answered, or not well.' });
const baud = z.int().min(300).max(38_400).default(2_400);

const network = z.strictObject({
  transport: z.enum(['tcp', 'udp']).default('tcp').meta({
    description: 'Through a level converter on the network that passes the bytes of the line on.',
  }),
  host: z
    .string()
    .regex(/^[^\s/]+$/, { error: 'write a host name or an IP address alone, e.g. 192.0.2.10' })
    .meta({ description: 'Name or IP address of the converter.', examples: ['192.0.2.10'] }),
  port: z.int().min(1).max(65_535).default(10_001).meta({ description: 'TCP or UDP port.' }),
  baud: baud.meta({
    description: 'Bits a second on the line behind it, as the converter is set: for forecasts and waits.',
  }),
  timeout,
  retries,
});

const serial = z.strictObject({
  transport: z.literal('serial').meta({ description: 'A level converter at a serial port of this machine.' }),
  path: serialPath,
  baud: baud.meta({ description: 'Bits a second: all meters of a line have the same, 2400 as a rule, or 300.' }),
  parity: z.enum(parities).default('even').meta({ description: 'Even by the standard.' }),
  timeout,
  retries,
});

/** The keys of a connection, by its transport. */
export const connectionSchema = z.discriminatedUnion('transport', [network, serial]);

/** Durations in milliseconds. */
export type ConnectionSettings = z.output<typeof connectionSchema>;
