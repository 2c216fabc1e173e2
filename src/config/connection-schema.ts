import { z } from 'zod';

/** What every connection has; its driver adds the rest. */
export const connectionSchema = z
  .strictObject({
    driver: z.string().meta({ description: 'The protocol spoken on it.', examples: ['modbus'] }),
  })
  .describe('A bus, socket or session, by id.');
