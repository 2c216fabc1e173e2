import { z } from 'zod';
import { parities } from '../../src/collect/driver.ts';
import { duration } from '../../src/wire/duration-schema.ts';
import { serialPath } from '../../src/wire/serial-path-schema.ts';

/** How the line of a meter is set where nothing else is written. */
export type LineDefaults = {
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: (typeof parities)[number];
};

const timeout = duration(100, 300_000)
  .prefault('5s')
  .meta({ description: 'Longest wait until the port or connection is open.' });

const tcp = {
  transport: z.literal('tcp').meta({ description: 'A serial device server that passes bytes on.' }),
  host: z
    .string()
    .regex(/^[^\s/]+$/, { error: 'write a host name or an IP address alone, e.g. 192.0.2.10' })
    .meta({ description: 'Name or IP address of the device server.', examples: ['192.0.2.10'] }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .meta({ description: 'TCP port.', examples: [4001] }),
  timeout,
};

/** The keys of a connection to meters: a serial port of this machine, or one behind a device server. */
export function lineSchema<More extends z.ZodRawShape>(defaults: LineDefaults, more: More) {
  const serial = z.strictObject({
    transport: z.literal('serial').default('serial').meta({ description: 'A serial port of this machine.' }),
    path: serialPath,
    baud: z.int().min(300).max(921_600).default(defaults.baud).meta({ description: 'Bits a second.' }),
    dataBits: z.literal([7, 8]).default(defaults.dataBits).meta({ description: 'Data bits of a character.' }),
    parity: z.enum(parities).default(defaults.parity).meta({ description: 'Parity of a character.' }),
    stopBits: z.literal([1, 2]).default(1).meta({ description: 'Stop bits of a character.' }),
    timeout,
    ...more,
  });
  return z.discriminatedUnion('transport', [serial, z.strictObject({ ...tcp, ...more })]);
}

/** What every such connection has. */
export type LineSettings =
  | {
      readonly transport: 'serial';
      readonly path: string;
      readonly baud: number;
      readonly dataBits: 7 | 8;
      readonly parity: (typeof parities)[number];
      readonly stopBits: 1 | 2;
      readonly timeout: number;
    }
  | { readonly transport: 'tcp'; readonly host: string; readonly port: number; readonly timeout: number };
