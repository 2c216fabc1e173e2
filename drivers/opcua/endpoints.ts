import { GatewayError } from '../../src/model/errors.ts';
import { policyName, type Endpoint } from '../../src/wire/opcua-endpoints.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import type { Security } from './security.ts';

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
