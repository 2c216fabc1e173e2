import type { Identity } from '../../src/collect/driver.ts';
import { certificateFacts } from '../../src/wire/opcua-certificates.ts';
import type { Access } from './access.ts';
import { policyName } from '../../src/wire/opcua-endpoints.ts';
import type { Services } from './services.ts';
import type { Subscription } from './subscribe.ts';
import { builtIn, scalarOf } from './value.ts';

type Fact = Identity['facts'][number];

// Of Server_ServerStatus and Server_ServerCapabilities (Part 5, 8.3; Part 6, annex A).
const nodes: readonly (readonly [name: string, nodeId: string, dataType: number])[] = [
  ['manufacturer', 'i=2263', builtIn.String],
  ['product', 'i=2261', builtIn.String],
  ['version', 'i=2264', builtIn.String],
  ['build', 'i=2265', builtIn.String],
  ['started', 'i=2257', builtIn.DateTime],
];

/** What the server says of itself, and what it made of our wishes. */
export async function identify(
  services: Services,
  { endpoint, library, session }: Access,
  subscriptions: readonly Subscription[],
  signal: AbortSignal,
): Promise<Identity> {
  const values = await services.read(
    nodes.map(([, nodeId]) => ({ nodeId })),
    signal,
  );
  const told = nodes.flatMap(([name, , dataType], index): readonly Fact[] => {
    const text = scalarOf({ dataType, value: values[index]?.value.value }, 'string');
    return typeof text === 'string' && text !== '' ? [{ name, value: text }] : [];
  });
  const { server, securityMode } = endpoint;
  const mode = library.MessageSecurityMode[securityMode];
  return {
    facts: [
      ...told,
      { name: 'application', value: server.applicationUri ?? '' },
      { name: 'security', value: `${policyName(endpoint)}, ${mode}` },
      ...certificateFact(endpoint.serverCertificate),
      { name: 'session timeout', value: `${session.timeout} ms` },
      ...subscriptions.flatMap(subscriptionFacts),
    ].filter(({ value }) => value !== ''),
  };
}

function certificateFact(certificate: Buffer | null): readonly Fact[] {
  if (certificate === null || certificate.length === 0) return [];
  return [{ name: 'certificate', value: `SHA-256 ${certificateFacts(certificate).fingerprint}` }];
}

/** What a subscription was granted, and where that is not what was asked for. */
function subscriptionFacts({ id, publishing, keepAlive, items }: Subscription): readonly Fact[] {
  const revised = [...items.values()].filter(
    ({ asked, sampling, queue }) => (asked.sampling > 0 && asked.sampling !== sampling) || asked.queue !== queue,
  );
  const name = `subscription ${id}`;
  return [
    { name, value: `${items.size} items, published every ${publishing} ms, alive every ${keepAlive} ms` },
    ...revised.slice(0, MOST_REVISIONS).map(({ item, asked, sampling, queue }) => ({
      name: `${name}, ${item.point.id}`,
      value: `sampled every ${sampling} ms (asked for ${asked.sampling}), queue ${queue} (asked for ${asked.queue})`,
    })),
  ];
}

const MOST_REVISIONS = 20; // nobody reads more
