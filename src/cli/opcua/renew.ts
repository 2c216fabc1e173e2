import type { Command } from 'commander';
import { readdir } from 'node:fs/promises';
import { GatewayError } from '../../model/errors.ts';
import { pkiFolder, pkiSides, renewPki } from '../../wire/opcua-pki.ts';
import { confirm, refuseUnlessAsked } from '../confirm.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { interruption } from '../interruption.ts';
import { factDocument, factLines } from './facts.ts';

type Side = (typeof pkiSides)[number];

export function registerRenew(opcua: Command): void {
  opcua
    .command('renew')
    .description('make another key and certificate for us, which all others have to trust anew')
    .addArgument(
      opcua.createArgument('[side]', 'as a client of servers, or as a server').choices(pkiSides).default('client'),
    )
    .option('--yes', 'ask nothing')
    .action(async (side: Side, { yes }: { readonly yes?: true }, command: Command) =>
      renew(side, yes === true, contextOf(command)),
    )
    .addHelpText('after', examples('weir opcua renew', 'weir opcua renew server --yes'));
}

async function renew(side: Side, isSure: boolean, context: Context): Promise<void> {
  if (!isSure) refuseUnlessAsked('--yes');
  const { journal, gateway } = await configurationOf(context);
  const folder = pkiFolder(journal.path, side);
  const name = side === 'client' ? 'Weir' : `weir-${gateway.id}`;
  if (!(await exists(folder))) {
    throw new GatewayError('usage', `there is no certificate as ${side} yet: it is made when it is first needed`);
  }
  const question = 'From its next connection on nobody knows us who does not trust the new certificate. Go on?';
  if (!isSure && !(await confirm(question, interruption()))) throw new GatewayError('usage', 'nothing was changed');
  const facts = await renewPki({ folder, name, clock: context.clock });
  await context.output.result({ renewed: factDocument(facts) }, () => factLines(facts, context.clock.wall()));
}

async function exists(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length > 0;
}
