import { X509Certificate } from 'node:crypto';
import { GatewayError } from '../../model/errors.ts';
import { certificateFacts, type CertificateFacts } from '../../wire/opcua-certificates.ts';
import { askEndpoints, policyName, type Endpoint } from '../../wire/opcua-endpoints.ts';
import { loadOpcua } from '../../wire/opcua-library.ts';
import { openPki, pkiFolder } from '../../wire/opcua-pki.ts';
import type { Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { interruption } from '../interruption.ts';

const PATIENCE = 10_000; // milliseconds

/** What a server offers, and who it says it is. */
export type Offer = {
  readonly name: string;
  readonly applicationUri: string;
  readonly endpoints: readonly {
    readonly url: string;
    readonly policy: string;
    readonly mode: string;
    readonly users: readonly string[];
  }[];
  /** DER; undefined where the server has none. */
  readonly certificate: Buffer | undefined;
  readonly facts: CertificateFacts | undefined;
};

/** Asks a server. Rejects with `usage` where `endpoint` is none, with `connection-failed` where nobody answers. */
export async function offerOf(endpoint: string, context: Context): Promise<Offer> {
  if (!endpoint.startsWith('opc.tcp://')) {
    throw new GatewayError('usage', `${endpoint} is no endpoint: write e.g. opc.tcp://192.0.2.20:4840`);
  }
  const { clock, output } = context;
  const { journal } = await configurationOf(context);
  using _progress = output.progress(`asking ${endpoint}`);
  const library = await loadOpcua();
  await using pki = await openPki({ folder: pkiFolder(journal.path, 'client'), name: 'Weir', clock });
  const asking = { library, pki, clock, connection: endpoint, signal: interruption() };
  const endpoints = await askEndpoints({ endpoint, timeout: PATIENCE }, asking);
  const [first] = endpoints;
  const certificate = certificateOf(endpoints);
  return {
    name: first?.server.applicationName?.text ?? '',
    applicationUri: first?.server.applicationUri ?? '',
    endpoints: endpoints.map((each) => ({
      url: each.endpointUrl ?? '',
      policy: policyName(each),
      mode: library.MessageSecurityMode[each.securityMode],
      users: (each.userIdentityTokens ?? []).map(({ tokenType }) => library.UserTokenType[tokenType]),
    })),
    certificate,
    facts: certificate === undefined ? undefined : certificateFacts(certificate),
  };
}

/** That of the first endpoint which has one; of a chain, its own. */
function certificateOf(endpoints: readonly Endpoint[]): Buffer | undefined {
  const shown = endpoints.map(({ serverCertificate }) => serverCertificate).find((each) => (each?.length ?? 0) > 0);
  try {
    return shown === undefined || shown === null ? undefined : new X509Certificate(shown).raw;
  } catch {
    return undefined;
  }
}
