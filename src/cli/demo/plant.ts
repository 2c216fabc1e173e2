import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profileFolders } from '../../config/profile-folders.ts';
import type { Clock } from '../../model/clock.ts';
import { startSimulation } from '../simulation.ts';

/** The three meters of the demonstration: energy, water, air. */
const METERS = {
  'main-meter': { profile: 'eastron/sdm630', domain: 'energy' },
  'water-meter': { profile: 'siemens/mag6000', domain: 'water' },
  'weather-station': { profile: 'lufft/ws600', domain: 'city' },
} as const;

const POLL_EVERY = '200ms';
const COMMIT = '100ms';

export type PlantSettings = { readonly folder: string; readonly broker: string; readonly clock: Clock };

/** A gateway's surroundings: meters to read, and the configuration that reads them and forwards to `broker`. */
export interface Plant extends AsyncDisposable {
  readonly configuration: string;
  readonly journal: string;
  readonly socket: string;
}

/** Starts one simulator a meter and writes weir.yaml into `folder`. */
export async function startPlant({ folder, broker, clock }: PlantSettings): Promise<Plant> {
  await using started = new AsyncDisposableStack();
  const configuration = join(folder, 'weir.yaml');
  const journal = join(folder, 'journal');
  const folders = profileFolders(configuration);
  const connections: string[] = [];
  const devices: string[] = [];
  for (const [id, { profile, domain }] of Object.entries(METERS)) {
    const end = { transport: 'tcp', host: '127.0.0.1', port: 0 };
    const { address } = started.use(await startSimulation({ profiles: [profile], folders, unit: 1, end }, clock));
    connections.push(`  ${id}: { driver: modbus, transport: tcp, host: ${end.host}, port: ${address?.port} }`);
    devices.push(
      `  ${id}: { connection: ${id}, unit: 1, profile: ${profile}, every: ${POLL_EVERY}, domain: ${domain} }`,
    );
  }
  const text = [
    'gateway: { id: demo, labels: { city: harbour } }',
    `journal: { path: ${journal}, keep: { size: 256MiB, age: 1d }, commit: ${COMMIT} }`,
    'connections:',
    ...connections,
    'devices:',
    ...devices,
    'destinations:',
    `  centre: { url: '${broker}' }`,
  ];
  await writeFile(configuration, `${text.join('\n')}\n`);
  const running = started.move();
  return {
    configuration,
    journal,
    socket: join(journal, 'control.sock'),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
