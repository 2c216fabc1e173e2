import type { DriverContext } from '../../src/collect/driver.ts';
import { withDeadline } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import type { Pki } from '../../src/wire/opcua-pki.ts';
import { connectFault } from './faults.ts';
import type { Security } from './security.ts';
import { StackClient } from './stack-client.ts';

export type Endpoint = Library.EndpointDescription;

export type Asking = {
  readonly library: typeof Library;
  readonly pki: Pki;
  readonly context: Pick<DriverContext, 'clock' | 'connection'>;
  readonly signal: AbortSignal;
};

/**
 * What the server offers, asked over a channel of its own that nothing protects (Part 4, 5.5.4): nothing of it is
 * believed before the channel that it describes has proved it. Rejects with `connection-failed`.
 */
export async function askEndpoints(
  { endpoint, timeout }: { readonly endpoint: string; readonly timeout: number },
  { library, pki, context, signal }: Asking,
): Promise<readonly Endpoint[]> {
  const { clock, connection } = context;
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

/** The endpoint with exactly this policy and mode; throws `connection-failed` that names those there are. */
export function chooseEndpoint(
  offered: readonly Endpoint[],
  { policy, mode }: Security,
  { MessageSecurityMode, SecurityPolicy }: typeof Library,
): Endpoint {
  const wanted: { readonly mode: Library.MessageSecurityMode; readonly policy: string } = {
    mode: MessageSecurityMode[mode],
    policy: SecurityPolicy[policy],
  };
  const found = offered.find(
    ({ securityMode, securityPolicyUri }) => securityMode === wanted.mode && securityPolicyUri === wanted.policy,
  );
  if (found !== undefined) return found;
  const names = offered.map((each) => `${policyName(each)}/${MessageSecurityMode[each.securityMode]}`);
  throw new GatewayError(
    'connection-failed',
    `the server has no endpoint with ${policy}/${mode}; it offers ${[...new Set(names)].join(', ') || 'none'}`,
  );
}

/** `Basic256Sha256` of the URI of a security policy. */
export function policyName({ securityPolicyUri }: Pick<Endpoint, 'securityPolicyUri'>): string {
  return securityPolicyUri?.replace(/^.*#/, '') ?? 'None';
}
