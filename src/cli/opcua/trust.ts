import type { Command } from 'commander';
import { GatewayError } from '../../model/errors.ts';
import type { TrustDecision } from '../../model/trust.ts';
import {
  findCertificate,
  moveCertificate,
  storeCertificate,
  type CertificateFacts,
  type StoredCertificate,
} from '../../wire/opcua-certificates.ts';
import { pkiFolder, pkiSides } from '../../wire/opcua-pki.ts';
import { confirm, refuseUnlessAsked } from '../confirm.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { interruption } from '../interruption.ts';
import { keepDecision } from './decision.ts';
import { factDocument, factLines } from './facts.ts';
import { offerOf } from './offer.ts';

type Options = { readonly yes?: true };

export function registerTrust(opcua: Command): void {
  opcua
    .command('trust')
    .description('trust a server or client from now on, after a look at what its certificate says')
    .argument('<whom>', 'the endpoint of a server, or the beginning of a fingerprint that was rejected')
    .option('--yes', 'ask nothing; for scripts that know the fingerprint')
    .action(async (whom: string, { yes }: Options, command: Command) => trust(whom, yes === true, contextOf(command)))
    .addHelpText(
      'after',
      examples(
        'weir opcua trust opc.tcp://192.0.2.20:4840',
        'weir opcua trust 3F9A21C04D77',
        'weir opcua trust 3F9A21C04D77E20B --yes',
      ),
    );
}

export function registerReject(opcua: Command): void {
  opcua
    .command('reject')
    .description(
      'trust a server or client no more, not for its issuer either: what we have open with a server ends within seconds, a client stays until its connection ends',
    )
    .argument('<whom>', 'the endpoint of a server, or the beginning of a fingerprint')
    .action(async (whom: string, _options: unknown, command: Command) => reject(whom, contextOf(command)))
    .addHelpText('after', examples('weir opcua reject 3F9A21C04D77', 'weir opcua reject opc.tcp://192.0.2.20:4840'));
}

/** A certificate that a decision is about, and how the decision is carried out. */
type Matter = {
  readonly facts: CertificateFacts;
  readonly side: (typeof pkiSides)[number];
  readonly decide: () => Promise<void>;
};

async function trust(whom: string, isSure: boolean, context: Context): Promise<void> {
  if (!isSure) refuseUnlessAsked('--yes');
  const { facts, side, decide } = await matterOf(whom, 'trusted', context);
  context.output.note(factLines(facts, context.clock.wall()));
  const question = 'Compare SHA-256 or SHA-1 with what it shows itself. Trust it?';
  if (!isSure && !(await confirm(question, interruption()))) throw new GatewayError('usage', 'nothing was changed');
  await keepDecision(facts, { decision: 'trusted', side }, context);
  await decide();
  await context.output.result({ trusted: factDocument(facts) }, () => `Trusted: ${facts.thumbprint}`);
}

async function reject(whom: string, context: Context): Promise<void> {
  const { facts, side, decide } = await matterOf(whom, 'rejected', context);
  await keepDecision(facts, { decision: 'rejected', side }, context);
  await decide();
  await context.output.result(
    { rejected: factDocument(facts) },
    () => `Rejected: ${facts.thumbprint} ${facts.subject}`,
  );
}

function matterOf(whom: string, decision: TrustDecision['decision'], context: Context): Promise<Matter> {
  return whom.includes('://') ? ofServer(whom, decision, context) : ofFingerprint(whom, decision, context);
}

async function ofServer(endpoint: string, decision: TrustDecision['decision'], context: Context): Promise<Matter> {
  const { certificate, facts } = await offerOf(endpoint, context);
  if (certificate === undefined || facts === undefined) {
    throw new GatewayError('usage', `${endpoint} shows no certificate: there is nothing to decide about`);
  }
  const { journal } = await configurationOf(context);
  const decide = (): Promise<void> => storeCertificate(pkiFolder(journal.path, 'client'), certificate, decision);
  return { facts, side: 'client', decide };
}

async function ofFingerprint(
  fingerprint: string,
  decision: TrustDecision['decision'],
  context: Context,
): Promise<Matter> {
  const { folder, side, found } = await search(fingerprint, context);
  return { facts: found, side, decide: () => moveCertificate(folder, found, decision) };
}

/** The certificate, as a client's or as a server's; rejects with `usage` where neither side has it. */
async function search(
  fingerprint: string,
  context: Context,
): Promise<{ readonly folder: string; readonly side: Matter['side']; readonly found: StoredCertificate }> {
  const { journal } = await configurationOf(context);
  const failures: unknown[] = [];
  for (const side of pkiSides) {
    const folder = pkiFolder(journal.path, side);
    try {
      return { folder, side, found: await findCertificate(folder, fingerprint) };
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}
