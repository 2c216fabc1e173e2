import { GatewayError, messageOf } from '../../src/model/errors.ts';

/**
 * What is made of the secrets of one meter. Where they are not to be had any more it rejects with `access-refused`
 * instead, which is the meter's own trouble: the others on its line have secrets of their own.
 */
export async function costingOneMeter<Made>(made: Promise<Made>): Promise<Made> {
  try {
    return await made;
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'secret-unavailable') throw error;
    throw new GatewayError('access-refused', messageOf(error), { cause: error });
  }
}
