import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { StackClient } from './opcua-client.ts';
import { connectFault } from './opcua-faults.ts';
import type { Library } from './opcua-library.ts';
import type { Pki } from './opcua-pki.ts';

export type Endpoint = Library.EndpointDescription;

export type Asking = {
  readonly library: typeof Library;
  readonly pki: Pki;
  readonly clock: Clock;
  /** Id of the connection, for messages. */
  readonly connection: string;
  readonly signal: AbortSignal;
};

/**
 * What the server offers, asked over a channel of its own that nothing protects (Part 4, 5.5.4): nothing of it is
 * believed before the channel that it describes has proved it. Rejects with `connection-failed`.
 */
export async function askEndpoints(
  { endpoint, timeout }: { readonly endpoint: string; readonly timeout: number },
  { library, pki, clock, connection, signal }: Asking,
): Promise<readonly Endpoint[]> {
  await using client = new StackClient(library, pki, { connection, clock, timeout, sessionTimeout: 60_000 });
  const ask = async (): Promise<readonly Endpoint[]> => {
    await client.client.connect(endpoint);
    return client.client.getEndpoints();
  };
  const late = (): Error => new GatewayError('connection-failed', `${endpoint} does not answer within ${timeout} ms`);
  try {
    return await withDeadline(ask(), { clock, milliseconds: timeout, late, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw connectFault(error, endpoint);
  }
}

/** `Basic256Sha256` of the URI of a security policy. */
export function policyName({ securityPolicyUri }: Pick<Endpoint, 'securityPolicyUri'>): string {
  return securityPolicyUri?.replace(/^.*#/, '') ?? 'None';
}
