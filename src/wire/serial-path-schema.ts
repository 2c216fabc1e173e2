import { z } from 'zod';

/** Where a serial port of this machine is. */
export const serialPath = z
  .string()
  .regex(/^\/\S+$/, { error: 'write the path of a serial port, e.g. /dev/serial/by-id/usb-FTDI_A10K-if00-port0' })
  .meta({
    description: 'The port, by a name that stays when adapters are plugged in anew: by-id, or by-path.',
    examples: ['/dev/serial/by-id/usb-FTDI_FT232R_A10K-if00-port0'],
  });
