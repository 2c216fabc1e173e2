import type { DriverContext } from '../../src/collect/driver.ts';
import { withDeadline } from '../../src/model/clock.ts';
import { asGatewayError, GatewayError } from '../../src/model/errors.ts';
import { StackClient } from '../../src/wire/opcua-client.ts';
import { askEndpoints, type Asking, type Endpoint } from '../../src/wire/opcua-endpoints.ts';
import { connectFault } from '../../src/wire/opcua-faults.ts';
import { loadOpcua, type Library } from '../../src/wire/opcua-library.ts';
import { openPki, pkiFolder, requireTime, type Pki } from '../../src/wire/opcua-pki.ts';
import { chooseEndpoint } from './endpoints.ts';
import type { ConnectionSettings } from './schema.ts';
import { requireTrust, trustEnds } from './server-trust.ts';
import { userIdentity } from './user.ts';

/** The session of the stack, with the services that it has but does not show. */
export type StackSession = Library.ClientSession &
  Library.ClientSessionRawSubscriptionService &
  Library.ClientSessionPublishService;

/** A session with a server that has proved who it is. Disposing it says goodbye. */
export type Access = AsyncDisposable & {
  readonly library: typeof Library;
  readonly session: StackSession;
  readonly endpoint: Endpoint;
  /** Resolves, never rejects, when the connection is gone, or the server is trusted no more. */
  readonly lost: Promise<GatewayError>;
};

/** The PKI of the client; a folder of its own, apart from a server's. Rejects with `usage` where there is no place for one. */
async function clientPki({ folder, clock }: Pick<DriverContext, 'folder' | 'clock'>): Promise<Pki> {
  if (folder === undefined) {
    throw new GatewayError('usage', 'OPC UA keeps keys and certificates beside the journal: name a configuration');
  }
  return openPki({ folder: pkiFolder(folder, 'client'), name: 'Weir', clock });
}

/**
 * Connects: asks what the server offers, takes exactly the endpoint that is configured, looks whether its certificate is
 * trusted, and opens a session. Rejects with `connection-failed`, `server-untrusted`, `secret-unavailable`, or the
 * signal's reason; nothing is left open then.
 */
export async function openAccess(
  settings: ConnectionSettings,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Access> {
  const { clock, connection, tap } = context;
  requireTime(clock);
  await using opened = new AsyncDisposableStack();
  const library = await loadOpcua();
  const user = await userIdentity(settings.user, library);
  const pki = opened.use(await clientPki(context));
  const asking: Asking = { library, pki, clock, connection, signal };
  const endpoint = chooseEndpoint(await askEndpoints(settings, asking), settings.security, library);
  const { securityMode: mode, securityPolicyUri, serverCertificate } = endpoint;
  const isProtected = settings.security.policy !== 'None';
  if (isProtected) await requireTrust(endpoint, pki);
  const { timeout, sessionTimeout } = settings;
  const policy = library.coerceSecurityPolicy(securityPolicyUri);
  const channel = { mode, policy, serverCertificate: isProtected ? serverCertificate : undefined };
  const client = opened.use(
    new StackClient(library, pki, { connection, clock, timeout, sessionTimeout, channel, tap }),
  );
  const session = await createSession(client, settings, { user, asking });
  const closing = new AbortController();
  opened.defer(() => closing.abort());
  const distrusted = isProtected ? [trustEnds(endpoint, pki, { clock, signal: closing.signal })] : [];
  const lost = Promise.race([client.lost, ...distrusted]);
  const resources = opened.move();
  return {
    library,
    session,
    endpoint,
    lost: lost.catch((error: unknown) => asGatewayError(error, 'connection-lost')),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function createSession(
  { client, lost }: StackClient,
  { endpoint, timeout }: ConnectionSettings,
  { user, asking: { clock, signal } }: { readonly user: Library.UserIdentityInfo; readonly asking: Asking },
): Promise<StackSession> {
  const late = (): Error => new GatewayError('connection-failed', `${endpoint} does not answer within ${timeout} ms`);
  const connect = async (): Promise<Library.ClientSession> => {
    await client.connect(endpoint);
    return client.createSession(user);
  };
  const failing = lost.then((error) => Promise.reject(error));
  try {
    const session = await withDeadline(Promise.race([connect(), failing]), {
      clock,
      milliseconds: timeout,
      late,
      signal,
    });
    if (hasRawServices(session)) return session;
    throw new TypeError('this version of the stack hides the services of subscriptions');
  } catch (error) {
    if (signal.aborted) throw error;
    throw connectFault(error, endpoint);
  }
}

function hasRawServices(session: Library.ClientSession): session is StackSession {
  return 'createMonitoredItems' in session && 'publish' in session && 'republish' in session;
}
