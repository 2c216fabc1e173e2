import { hostname } from 'node:os';
import type { ServerSettings } from '../../config/configuration.ts';
import type { Library } from '../../wire/opcua-library.ts';
import type { Pki } from '../../wire/opcua-pki.ts';
import type { Beginning } from './messages.ts';

// What one client may ask for at once, and all of them together: a gateway is a small machine.
const MOST_NODES = 1_000;
const MOST_HISTORY_NODES = 50;
const MOST_SUBSCRIPTIONS = 10; // of a session
const MOST_ITEMS = 10_000; // of a subscription
const MOST_ITEMS_IN_ALL = 50_000;

export function serverOptions(
  ua: typeof Library,
  { host, port, security, sessions }: ServerSettings,
  { gateway, version, pki }: Pick<Beginning, 'gateway' | 'version'> & { readonly pki: Pki },
): Library.OPCUAServerOptions {
  const isInsecure = security.policies.includes('None');
  const address = host.replace(/^\[|\]$/g, '');
  return {
    host: address, // that of an endpoint the library does not look at, and listens everywhere
    endpoints: [
      {
        port,
        host: address,
        hostname: nameOf(host),
        securityPolicies: security.policies.map((policy) => ua.SecurityPolicy[policy]),
        securityModes: [...security.modes, ...(isInsecure ? (['None'] as const) : [])].map(
          (mode) => ua.MessageSecurityMode[mode],
        ),
        allowAnonymous: security.anonymous,
      },
    ],
    allowAnonymous: security.anonymous,
    certificateFile: pki.certificateFile,
    privateKeyFile: pki.privateKeyFile,
    serverCertificateManager: pki.manager,
    userCertificateManager: pki.manager, // nobody logs in by certificate; without one it makes its own in HOME
    serverInfo: {
      applicationUri: pki.applicationUri,
      productUri: 'urn:weir',
      applicationName: { text: `Weir ${gateway}` },
    },
    buildInfo: { productName: 'Weir', productUri: 'urn:weir', manufacturerName: 'Weir', softwareVersion: version },
    isAuditing: false,
    maxConnectionsPerEndpoint: 2 * sessions, // those that never become sessions are closed for new ones
    serverCapabilities: limits(sessions),
  };
}

function limits(sessions: number): NonNullable<Library.OPCUAServerOptions['serverCapabilities']> {
  return {
    maxSessions: sessions,
    maxSubscriptionsPerSession: MOST_SUBSCRIPTIONS,
    maxSubscriptions: MOST_SUBSCRIPTIONS * sessions,
    maxMonitoredItemsPerSubscription: MOST_ITEMS,
    maxMonitoredItems: MOST_ITEMS_IN_ALL,
    minSupportedSampleRate: 100,
    operationLimits: {
      maxNodesPerRead: MOST_NODES,
      maxNodesPerWrite: MOST_NODES / 10,
      maxNodesPerBrowse: MOST_NODES,
      maxNodesPerRegisterNodes: MOST_NODES,
      maxNodesPerTranslateBrowsePathsToNodeIds: MOST_NODES,
      maxMonitoredItemsPerCall: MOST_NODES,
      maxNodesPerHistoryReadData: MOST_HISTORY_NODES,
    },
  };
}

/** The address of a server, as clients write it. */
export function endpointOf({ host, port }: Pick<ServerSettings, 'host' | 'port'>): string {
  const name = nameOf(host);
  return `opc.tcp://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

/** What clients call an address to listen at. */
function nameOf(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}
