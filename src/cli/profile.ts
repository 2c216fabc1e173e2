import type { Command } from 'commander';
import type { PointSettings } from '../config/configuration.ts';
import type { Profile, ProfileSummary } from '../config/profile.ts';
import { drivers } from '../drivers.ts';
import { GatewayError } from '../model/errors.ts';
import { contextOf, examples, type Context } from './context.ts';
import { faultList } from './faults.ts';
import { count, paint, plural } from './format.ts';
import { table, type Column } from './table.ts';

export function registerProfile(program: Command): void {
  const profile = program
    .command('profile')
    .description('list, show and check the profiles of device models')
    .addHelpText('after', examples('weir profile list', 'weir profile show eastron/sdm630'));
  profile
    .command('list')
    .description('list the profiles: those beside the configuration, and those we ship')
    .action(async (_options: unknown, command: Command) => listAll(contextOf(command)))
    .addHelpText('after', examples('weir profile list', "weir profile list --json | jq -r '.[].name'"));
  profile
    .command('show')
    .description('show the points of a profile, and the document that they come from')
    .argument('<profile>', 'its name, vendor/model')
    .action(async (name: string, _options: unknown, command: Command) => show(name, contextOf(command)))
    .addHelpText('after', examples('weir profile show eastron/sdm630', 'weir profile show abb/b23 --json'));
  profile
    .command('check')
    .description('check profiles, by file or by name; without any, all that there are')
    .argument('[profile...]', 'names, or files ending in .yaml')
    .action(async (names: string[], _options: unknown, command: Command) => check(names, contextOf(command)))
    .addHelpText('after', examples('weir profile check', 'weir profile check profiles/acme/x1.yaml'));
}

const summaryColumns: readonly Column<ProfileSummary>[] = [
  { title: 'name', cell: ({ name }) => name },
  { title: 'driver', cell: ({ driver }) => driver },
  { title: 'points', right: true, cell: ({ points }) => count(points) },
  { title: 'verified by', cell: ({ verified }) => verified },
  { title: 'what it is', cell: ({ description }) => description },
];

async function listAll({ output, configurationFile }: Context): Promise<void> {
  const { listProfiles } = await import('../config/profile.ts');
  const { profileFolders } = await import('../config/profile-folders.ts');
  const { profiles, faults } = await listProfiles(profileFolders(configurationFile));
  await output.result(profiles, () => table(summaryColumns, profiles));
  if (faults.length > 0)
    throw new GatewayError('profile-invalid', `${plural(faults.length, 'fault')} in other profiles`);
}

const pointColumns: readonly Column<PointSettings>[] = [
  { title: 'point', cell: ({ definition }) => definition.name },
  { title: 'quantity', cell: ({ definition }) => definition.quantity ?? '' },
  { title: 'OBIS', cell: ({ definition }) => definition.obis ?? '' },
  { title: 'unit', cell: ({ definition }) => definition.unit ?? '' },
  { title: 'type', cell: ({ definition }) => definition.type },
  { title: 'kind', cell: ({ definition }) => definition.kind },
];

async function show(name: string, { output, configurationFile }: Context): Promise<void> {
  const { loadProfile } = await import('../config/profile.ts');
  const { profileFolders } = await import('../config/profile-folders.ts');
  const profile = await loadProfile(name, drivers, profileFolders(configurationFile));
  const { device, ...summary } = profile;
  const points = device.points.map(({ definition, address }) => ({
    name: definition.name,
    quantity: definition.quantity ?? null,
    obis: definition.obis ?? null,
    unit: definition.unit ?? null,
    type: definition.type,
    kind: definition.kind,
    address,
  }));
  await output.result(
    { ...summary, points },
    async () => `${headOf(profile)}\n\n${await table(pointColumns, device.points)}`,
  );
}

function headOf({ vendor, model, description, document, verified, file }: Profile): string {
  const { title, revision, url } = document;
  return [
    `${paint('bold', `${vendor} ${model}`)}  ${description}`,
    `from ${title}, ${revision}${url === undefined ? '' : ` (${url})`}; verified by ${verified}`,
    paint('dim', file),
  ].join('\n');
}

async function check(wanted: readonly string[], { output, configurationFile }: Context): Promise<void> {
  const { checkProfile } = await import('../config/profile.ts');
  const { listProfileFiles, profileFolders } = await import('../config/profile-folders.ts');
  const known = await listProfileFiles(profileFolders(configurationFile));
  const files = wanted.length === 0 ? [...known.values()] : wanted.map((name) => fileOf(name, known));
  const faults = (await Promise.all(files.map((file) => checkProfile(file, drivers)))).flat();
  await output.result({ ok: faults.length === 0, files, faults }, () =>
    faults.length > 0 ? faultList(faults) : `${paint('green', '✓')} ${plural(files.length, 'profile')}`,
  );
  if (faults.length > 0) process.exitCode = 78;
}

function fileOf(name: string, known: ReadonlyMap<string, string>): string {
  const file = name.endsWith('.yaml') ? name : known.get(name);
  if (file !== undefined) return file;
  throw new GatewayError('profile-invalid', `there is no profile ${name}`);
}
