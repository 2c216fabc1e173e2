import type { Command } from 'commander';
import { storedCertificates } from '../../wire/opcua-certificates.ts';
import { pkiFolder } from '../../wire/opcua-pki.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { paint, printable } from '../format.ts';
import { table, type Column } from '../table.ts';
import { factDocument, factLines } from './facts.ts';
import { offerOf, type Offer } from './offer.ts';

export function registerDiscover(opcua: Command): void {
  opcua
    .command('discover')
    .description('ask a server which endpoints it has, who it says it is, and whether that is trusted')
    .argument('<endpoint>', 'where it is, e.g. opc.tcp://192.0.2.20:4840')
    .action(async (endpoint: string, _options: unknown, command: Command) => discover(endpoint, contextOf(command)))
    .addHelpText(
      'after',
      examples(
        'weir opcua discover opc.tcp://192.0.2.20:4840',
        'weir opcua discover opc.tcp://plc.example:4840 --json | jq .certificate.fingerprint',
      ),
    );
}

const columns: readonly Column<Offer['endpoints'][number]>[] = [
  { title: 'policy', cell: ({ policy }) => printable(policy) },
  { title: 'mode', cell: ({ mode }) => mode },
  { title: 'users', cell: ({ users }) => users.join(', ') },
  { title: 'url', cell: ({ url }) => printable(url) },
];

async function discover(endpoint: string, context: Context): Promise<void> {
  const offer = await offerOf(endpoint, context);
  const { name, applicationUri, endpoints, facts } = offer;
  const trust = await trustIn(offer, context);
  const certificate = facts === undefined ? null : { ...factDocument(facts), trust };
  await context.output.result({ name, applicationUri, endpoints, certificate }, async () =>
    [
      `${paint('bold', printable(name))}  ${printable(applicationUri)}`,
      '',
      await table(columns, endpoints),
      '',
      ...(facts === undefined
        ? ['It shows no certificate.']
        : [
            `Its certificate is ${trust === 'trusted' ? paint('green', 'trusted') : paint('yellow', `not trusted (${trust})`)}:`,
            factLines(facts, context.clock.wall()),
            ...(trust === 'trusted' ? [] : ['', `If that is what it should show: weir opcua trust ${endpoint}`]),
          ]),
    ].join('\n'),
  );
}

/** `trusted`, `rejected`, or `unknown`. */
async function trustIn({ facts }: Offer, context: Context): Promise<string> {
  const { journal } = await configurationOf(context);
  const known = await storedCertificates(pkiFolder(journal.path, 'client'));
  const found = known.filter((each) => each.fingerprint === facts?.fingerprint).map(({ store }) => store);
  return found.find((store) => store === 'trusted') ?? found[0] ?? 'unknown';
}
