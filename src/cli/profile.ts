import type { Command } from 'commander';
import type { PointSettings } from '../config/configuration.ts';
import type { Placement } from '../collect/driver.ts';
import type { Profile, ProfileSummary } from '../config/profile.ts';
import { drivers } from '../drivers.ts';
import { GatewayError } from '../model/errors.ts';
import { contextOf, examples, type Context } from './context.ts';
import { faultList } from './faults.ts';
import { count, paint, plural } from './format.ts';
import { table, type Column } from './table.ts';

type ProfilePoint = PointSettings & { readonly place: Placement | undefined };

export function registerProfile(program: Command): void {
  const profile = program
    .command('profile')
    .description('list, show and check the profiles of device models')
    .addHelpText('after', examples('weir profile list', 'weir profile show eastron/sdm630'));
  profile
    .command('list')
    .description('list the profiles: those beside the configuration, and those we ship')
    .argument('[word...]', 'only those that have all these in their name, description, domain or points')
    .action(async (words: string[], _options: unknown, command: Command) => list(words, contextOf(command)))
    .addHelpText('after', examples('weir profile list', 'weir profile list heat', 'weir profile list --json abb'));
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
    .option('--strict', 'take departures from our conventions for faults, as in the profiles we ship')
    .action(async (names: string[], options: { strict?: true }, command: Command) =>
      check(names, options.strict ?? false, contextOf(command)),
    )
    .addHelpText('after', examples('weir profile check', 'weir profile check --strict profiles/acme/x1.yaml'));
}

const summaryColumns: readonly Column<ProfileSummary>[] = [
  { title: 'name', cell: ({ name }) => name },
  { title: 'vendor', cell: ({ vendor }) => vendor },
  { title: 'model', cell: ({ model }) => model },
  { title: 'domain', cell: ({ domain }) => domain ?? '' },
  { title: 'driver', cell: ({ driver }) => driver },
  { title: 'points', right: true, cell: ({ points }) => count(points) },
  { title: 'verified by', cell: ({ verified }) => verified },
];

async function list(words: readonly string[], { output, configurationFile }: Context): Promise<void> {
  const { listProfiles } = await import('../config/profile.ts');
  const { profileFolders } = await import('../config/profile-folders.ts');
  const { profiles, faults } = await listProfiles(profileFolders(configurationFile), words);
  await output.result(profiles, async () =>
    profiles.length === 0 ? `no profile has ${words.join(' and ')}` : await table(summaryColumns, profiles),
  );
  if (faults.length > 0)
    throw new GatewayError('profile-invalid', `${plural(faults.length, 'fault')} in other profiles`);
}

const pointColumns: readonly Column<ProfilePoint>[] = [
  { title: 'point', cell: ({ definition }) => definition.name },
  { title: 'at', cell: ({ place }) => place?.text ?? '' },
  { title: 'type', cell: ({ definition, place }) => place?.type ?? definition.type },
  { title: 'scale', right: true, cell: scaleText },
  { title: 'unit', cell: ({ definition }) => definition.unit ?? '' },
  { title: 'kind', cell: ({ definition }) => definition.kind },
  { title: 'OBIS', cell: ({ definition }) => definition.obis ?? '' },
  { title: '', cell: remarks },
];

function scaleText({ processing: { scale, offset } }: ProfilePoint): string {
  const shift = offset === 0 ? '' : `${offset < 0 ? '−' : '+'}${Math.abs(offset)}`;
  return scale === 1 ? shift : `×${scale}${shift}`;
}

/** What is not of every point: that it can be written, that it is an alarm, what its states are called. */
function remarks({ definition: { write, class: urgency, states = {} } }: ProfilePoint): string {
  const bounds = write?.values?.join(' ') ?? [write?.min, write?.max].filter((bound) => bound !== undefined).join('..');
  return [
    ...(write === undefined ? [] : [`write ${bounds}`.trimEnd()]),
    ...(urgency === 'normal' ? [] : [urgency]),
    Object.entries(states)
      .map(([value, name]) => `${value} ${name}`)
      .join(', '),
  ]
    .filter((remark) => remark !== '')
    .join('; ');
}

async function show(name: string, { output, configurationFile }: Context): Promise<void> {
  const { loadProfile } = await import('../config/profile.ts');
  const { profileFolders } = await import('../config/profile-folders.ts');
  const profile = await loadProfile(name, drivers, profileFolders(configurationFile));
  const { device, places, ...summary } = profile;
  const points = device.points.map((point, index) => ({ ...point, place: places[index] }));
  await output.result(
    { ...summary, points: points.map(shownPoint) },
    async () => `${headOf(profile)}\n\n${await table(pointColumns, points)}`,
  );
}

function shownPoint({ definition, address, place }: ProfilePoint) {
  return {
    name: definition.name,
    quantity: definition.quantity ?? null,
    obis: definition.obis ?? null,
    unit: definition.unit ?? null,
    type: definition.type,
    kind: definition.kind,
    at: place?.text ?? null,
    address,
    ...(definition.states === undefined ? {} : { states: definition.states }),
    ...(definition.write === undefined ? {} : { write: definition.write }),
  };
}

function headOf({ vendor, model, description, document, verified, file }: Profile): string {
  const { title, revision, url } = document;
  return [
    `${paint('bold', `${vendor} ${model}`)}  ${description}`,
    `from ${title}, ${revision}${url === undefined ? '' : ` (${url})`}; verified by ${verified}`,
    paint('dim', file),
  ].join('\n');
}

async function check(
  wanted: readonly string[],
  strict: boolean,
  { output, configurationFile }: Context,
): Promise<void> {
  const { checkProfile } = await import('../config/profile-check.ts');
  const { listProfileFiles, profileFolders } = await import('../config/profile-folders.ts');
  const known = await listProfileFiles(profileFolders(configurationFile));
  const files = wanted.length === 0 ? [...known.values()] : wanted.map((name) => fileOf(name, known));
  const findings = await Promise.all(files.map((file) => checkProfile(file, drivers, { strict })));
  const faults = findings.flatMap((found) => found.faults);
  const warnings = findings.flatMap((found) => found.warnings);
  await output.result({ ok: faults.length === 0, files, faults, warnings }, async () => {
    const verdict = faults.length > 0 ? [] : [`${paint('green', '✓')} ${plural(files.length, 'profile')}`];
    return [await faultList(faults), await faultList(warnings, 'warning'), ...verdict].filter(Boolean).join('\n');
  });
  if (faults.length > 0) process.exitCode = 78;
}

function fileOf(name: string, known: ReadonlyMap<string, string>): string {
  const file = name.endsWith('.yaml') ? name : known.get(name);
  if (file !== undefined) return file;
  throw new GatewayError('profile-invalid', `there is no profile ${name}`);
}
