import type { Command } from 'commander';
import { drivers } from '../drivers.ts';
import { GatewayError } from '../model/errors.ts';
import { contextOf, examples, type Context } from './context.ts';
import { untilInterrupted } from './interruption.ts';
import { integer } from './program.ts';
import type { PlayedDevice } from './simulation.ts';

type SimulateOptions = { readonly host: string; readonly port: number; readonly unit: number };

const LAST_UNIT = 255; // an address is one byte

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('play devices as their profiles say, with values that move, until Ctrl-C')
    .argument('<profile...>', 'one device each, e.g. eastron/sdm630; may begin with the name of a driver')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'TCP port, 0 for any that is free', integer(0, 65_535), 1502)
    .option('--unit <number>', 'unit address of the first device; the others follow', integer(0, LAST_UNIT), 1)
    .action(async (words: string[], options: SimulateOptions, command: Command) =>
      simulate(words, options, contextOf(command)),
    )
    .addHelpText(
      'after',
      examples(
        'weir simulate eastron/sdm630 --port 1502',
        'weir simulate modbus eastron/sdm630 abb/b23 --unit 11',
        'weir simulate eastron/sdm630 --host 0.0.0.0 --port 0 --json',
      ),
    );
}

async function simulate(
  words: readonly string[],
  { unit, ...listen }: SimulateOptions,
  { output, clock, configurationFile }: Context,
): Promise<void> {
  const [first = '', ...others] = words;
  const profiles = Object.hasOwn(drivers, first) ? others : words;
  if (profiles.length === 0) throw new GatewayError('usage', 'name a profile; `weir profile list` shows them');
  if (unit + profiles.length - 1 > LAST_UNIT) throw new GatewayError('usage', `units end at ${LAST_UNIT}`);
  const interrupted = untilInterrupted();
  const { startSimulation } = await import('./simulation.ts');
  const { profileFolders } = await import('../config/profile-folders.ts');
  const folders = profileFolders(configurationFile);
  await using simulation = await startSimulation({ profiles, folders, unit, listen }, clock);
  const { address, devices, driver } = simulation;
  await output.result({ ...address, driver, devices }, () => snippet(driver, address, devices));
  output.note(`\nlistening on ${address.host}:${address.port}; Ctrl-C ends it`);
  await interrupted;
}

/** What a configuration needs to read these devices. */
function snippet(
  driver: string,
  { host, port }: { readonly host: string; readonly port: number },
  devices: readonly PlayedDevice[],
): string {
  return [
    'connections:',
    `  simulator: { driver: ${driver}, transport: tcp, host: '${host}', port: ${port} }`,
    'devices:',
    ...devices.map(
      ({ profile, unit }) => `  unit-${unit}: { connection: simulator, unit: ${unit}, profile: ${profile}, every: 1s }`,
    ),
  ].join('\n');
}
