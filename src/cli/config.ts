import type { Command } from 'commander';
import { drivers } from '../drivers.ts';
import { contextOf, examples, type Context } from './context.ts';
import { faultList } from './faults.ts';
import { paint, plural } from './format.ts';
import type { Output } from './output.ts';

export function registerConfig(program: Command): void {
  const config = program
    .command('config')
    .description('check the configuration, show what it means, describe its keys')
    .addHelpText('after', examples('weir config check', 'weir config show --json'));
  config
    .command('check')
    .description('say everything that is wrong with the configuration, its fragments, profiles and secrets')
    .argument('[file]', 'the configuration, as with --config')
    .action(async (file: string | undefined, _options: unknown, command: Command) => check(file, contextOf(command)))
    .addHelpText('after', examples('weir config check', 'weir config check weir.yaml --json'));
  config
    .command('show')
    .description(
      'show the configuration as it is used: fragments merged, profiles applied, defaults filled, no secrets',
    )
    .action(async (_options: unknown, command: Command) => show(contextOf(command)))
    .addHelpText('after', examples('weir config show', 'weir config show --json | jq .devices'));
  config
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors and checkers')
    .option(
      '--write [folder]',
      'write weir.schema.json and reference.md instead, beside weir.example.yaml (default: config)',
    )
    .action(async ({ write }: { write?: string | true }, command: Command) => {
      const { output } = contextOf(command);
      if (write === undefined) await printSchema(output);
      else await writeSchema(write === true ? 'config' : write, output);
    })
    .addHelpText('after', examples('weir config schema > weir.schema.json', 'weir config schema --write'));
}

async function check(file: string | undefined, { output, configurationFile }: Context): Promise<void> {
  const { checkConfiguration } = await import('../config/load.ts');
  const { configuration, faults } = await checkConfiguration(file ?? configurationFile, drivers);
  const hash =
    configuration === undefined ? null : (await import('../config/digest.ts')).configurationDigest(configuration);
  await output.result({ ok: faults.length === 0, faults, hash }, async () => {
    if (configuration === undefined) return faultList(faults);
    const { connections, devices, destinations, servers } = configuration;
    const points = devices.reduce((sum, device) => sum + device.points.length, 0);
    const parts = [
      plural(connections.length, 'connection'),
      plural(devices.length, 'device'),
      plural(points, 'point'),
      plural(destinations.length, 'destination'),
      ...(servers.length === 0 ? [] : [plural(servers.length, 'server')]),
    ];
    return `${paint('green', '✓')} ${configuration.file}: ${parts.join(', ')}\n  ${paint('dim', `SHA-256 ${hash}`)}`;
  });
  if (faults.length > 0) process.exitCode = 78;
}

async function show({ output, configurationFile }: Context): Promise<void> {
  const { effectiveDocument, formatDocument } = await import('../config/show.ts');
  const document = await effectiveDocument(configurationFile, drivers);
  await output.result(document, () => formatDocument(document).trimEnd());
}

async function printSchema(output: Output): Promise<void> {
  const { renderJsonSchema } = await import('../config/reference.ts');
  output.line((await renderJsonSchema(drivers)).trimEnd());
}

async function writeSchema(folder: string, output: Output): Promise<void> {
  const { writeReference } = await import('../config/reference.ts');
  const files = await writeReference(drivers, folder);
  await output.result(files, () => files.join('\n'));
}
