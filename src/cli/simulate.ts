import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { SimulatedEnd, Simulation } from '../collect/simulation.ts';
import { drivers } from '../drivers.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import { contextOf, examples, type Context } from './context.ts';
import { parseFault } from './fault-option.ts';
import { untilInterrupted } from './interruption.ts';
import { integer } from './program.ts';
import type { PlayedDevice, UnprofiledDevice } from './simulation.ts';

type SimulateOptions = {
  readonly host: string;
  readonly port: number;
  readonly transport: string;
  readonly pty?: string;
  readonly serial?: string;
  readonly framing: 'rtu' | 'ascii';
  readonly baud?: number;
  readonly unit: number;
  readonly units?: number;
  readonly fault: readonly string[];
  readonly replay?: string;
};

const LAST_UNIT = 255; // an address is one byte
const FASTEST = 4_000_000;
const DEFAULT_BAUD = 9_600;

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('play devices as their profiles say, with values that move, until Ctrl-C')
    .argument(
      '[profile...]',
      'one device each, e.g. eastron/sdm630; or a driver alone whose devices need none, e.g. sml',
    )
    .option('--unit <number>', 'unit address of the first device; the others follow', integer(0, LAST_UNIT), 1)
    .option('--units <number>', 'how many devices, the profiles in turn', integer(1, LAST_UNIT + 1))
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'TCP or UDP port, 0 for any that is free', integer(0, 65_535), 1502)
    .addOption(
      new Option('--transport <name>', 'how requests arrive on the network')
        .choices(['tcp', 'udp', 'rtu-over-tcp', 'ascii-over-tcp', 'hdlc'])
        .default('tcp'),
    )
    .option('--pty <link>', 'on a pseudo-terminal instead, which programs open as a serial port under this name')
    .option('--serial <path>', 'on a serial port instead')
    .addOption(new Option('--framing <name>', 'on a pty or serial port').choices(['rtu', 'ascii']).default('rtu'))
    .option('--baud <number>', 'speed of the port; elsewhere the time that all takes', integer(50, FASTEST))
    .option('--fault <kind...>', 'KIND[=VALUE][:UNIT[:RATE%]], e.g. silent:3 slow=2s:4 checksum:5:10%', [])
    .option('--replay <file>', 'answer what was asked in a recording of `weir trace`, as it was answered then')
    .action(async (words: string[], options: SimulateOptions, command: Command) =>
      options.replay === undefined
        ? simulate(words, options, contextOf(command))
        : replay(options.replay, words, { options, context: contextOf(command) }),
    )
    .addHelpText(
      'after',
      `${examples(
        'weir simulate eastron/sdm630 --port 1502',
        'weir simulate eastron/sdm630 abb/b23 --units 40 --pty /tmp/bus --baud 9600',
        'weir simulate eastron/sdm630 --units 3 --fault silent:2 --fault checksum:3:10%',
        'weir simulate eastron/sdm630 --transport rtu-over-tcp --port 0 --json',
        'weir simulate sml --pty /tmp/head',
        'weir simulate mbus --units 20 --pty /tmp/bus --baud 2400',
        'weir simulate --replay basement.trace --pty /tmp/bus',
      )}\n\nFaults: silent, slow[=2s], checksum, exception[=4], reset, noise, echo.`,
    );
}

async function simulate(
  words: readonly string[],
  options: SimulateOptions,
  { output, clock, configurationFile }: Context,
): Promise<void> {
  const [first = '', ...others] = words;
  const profiles = Object.hasOwn(drivers, first) ? others : words;
  const { unit, units = profiles.length } = options;
  if (profiles.length === 0) return simulateUnprofiled(first, options, { output, clock });
  if (unit + units - 1 > LAST_UNIT) throw new GatewayError('usage', `units end at ${LAST_UNIT}`);
  const faults = options.fault.map(parseFault);
  const interrupted = untilInterrupted();
  const { startSimulation } = await import('./simulation.ts');
  const { profileFolders } = await import('../config/profile-folders.ts');
  const folders = profileFolders(configurationFile);
  const { end, baud } = await openEnd(options, clock);
  await using simulation = await startSimulation({ profiles, folders, unit, units, end, baud, faults }, clock);
  const { address, devices, driver, addressKey } = simulation;
  const connection = simulation.known(
    address === undefined ? portKeys(options, DEFAULT_BAUD) : networkKeys(options, address),
  );
  await output.result({ ...address, driver, connection, devices }, () =>
    snippet(
      driver,
      connection,
      devices.map((device) => deviceLine(device, addressKey)),
    ),
  );
  output.note(`\nlistening on ${placeOf(address, options)}; Ctrl-C ends it`);
  await interrupted;
}

/** Plays devices of a driver that needs no profile. */
async function simulateUnprofiled(
  driver: string,
  options: SimulateOptions,
  { output, clock }: Pick<Context, 'output' | 'clock'>,
): Promise<void> {
  const { startUnprofiled } = await import('./simulation.ts');
  const interrupted = untilInterrupted();
  const faults = options.fault.map(parseFault);
  const { end, baud } = await openEnd(options, clock);
  await using simulation = await startUnprofiled(
    driver,
    { unit: options.unit, units: options.units, end, baud, faults },
    clock,
  );
  const { address, devices } = simulation;
  const connection = simulation.known(
    address === undefined ? portKeys(options, undefined) : networkKeys(options, address),
  );
  await output.result({ ...address, driver, connection, devices }, () =>
    snippet(driver, connection, devices.map(unprofiledLine)),
  );
  output.note(`\nlistening on ${placeOf(address, options)}; Ctrl-C ends it`);
  await interrupted;
}

async function replay(
  file: string,
  profiles: readonly string[],
  { options, context: { output, clock } }: { readonly options: SimulateOptions; readonly context: Context },
): Promise<void> {
  if (profiles.length > 0) throw new GatewayError('usage', '--replay plays a recording alone: leave the profiles out');
  if (options.fault.length > 0) throw new GatewayError('usage', '--replay plays the faults of its recording alone');
  const interrupted = untilInterrupted();
  const { loadRecording, startReplay } = await import('./replay.ts');
  const { trace, recording } = await loadRecording(file);
  const { end } = await openEnd(options, clock);
  await using replayed = await startReplay(recording, end, clock);
  const { address } = replayed;
  const { driver, transport } = trace;
  const place = placeOf(address, options);
  await output.result(
    { ...address, driver, transport, questions: recording.size },
    () => `${recording.size} different questions to ${driver} over ${transport} are answered at ${place}`,
  );
  output.note('\nCtrl-C ends it');
  await interrupted;
}

/** Where the far end is found, for people. */
function placeOf(address: Simulation['address'], { pty, serial }: SimulateOptions): string | undefined {
  return address === undefined ? (pty ?? serial) : `${address.host}:${address.port}`;
}

/** Where the devices are found, and how fast a line is to be played that has no speed of its own. */
async function openEnd(
  options: SimulateOptions,
  clock: Clock,
): Promise<{ readonly end: SimulatedEnd; readonly baud: number | undefined }> {
  const { pty, serial, transport, host, port, framing, baud } = options;
  if (pty !== undefined && serial !== undefined)
    throw new GatewayError('usage', '--pty and --serial exclude each other');
  if (pty !== undefined) {
    const { openPty } = await import('../wire/pty.ts');
    return { end: { wire: await openPty(resolve(pty), clock), framing }, baud: baud ?? DEFAULT_BAUD };
  }
  if (serial === undefined) return { end: { transport, host, port }, baud };
  const { openSerial } = await import('../wire/serial.ts');
  const line = { path: serial, baud: baud ?? DEFAULT_BAUD, timeout: OPENING, ...LINE } as const;
  return { end: { wire: await openSerial(line, clock, new AbortController().signal), framing }, baud: undefined };
}

const OPENING = 5_000; // milliseconds
const LINE = { dataBits: 8, parity: 'none', stopBits: 1 } as const;

/** The keys of a connection to who listens; HDLC is a framing, for whoever asks. */
function networkKeys(
  { transport }: SimulateOptions,
  address: NonNullable<Simulation['address']>,
): Readonly<Record<string, unknown>> {
  return transport === 'hdlc' ? { transport: 'tcp', framing: transport, ...address } : { transport, ...address };
}

/**
 * The keys of a connection to the port; a pty keeps no parity, so that any will do. Without a speed, asked for or `usual`,
 * it is the one of the driver.
 */
function portKeys(
  { pty, serial, framing, baud }: SimulateOptions,
  usual: number | undefined,
): Readonly<Record<string, unknown>> {
  const path = pty === undefined ? serial : resolve(pty);
  const speed = baud ?? usual;
  const line = speed === undefined ? {} : { baud: speed, parity: LINE.parity };
  return { transport: 'serial', path, ...line, ...(framing === 'rtu' ? {} : { framing }) };
}

/** What a configuration needs to read these devices. */
function snippet(driver: string, connection: Readonly<Record<string, unknown>>, devices: readonly string[]): string {
  const keys = Object.entries({ driver, ...connection }).map(([key, value]) => `${key}: ${quoted(value)}`);
  return ['connections:', `  simulator: { ${keys.join(', ')} }`, 'devices:', ...devices].join('\n');
}

function deviceLine({ profile, unit }: PlayedDevice, key: string): string {
  return `  unit-${unit}: { connection: simulator, ${key}: ${unit}, profile: ${profile}, every: 1s }`;
}

function unprofiledLine({ id, keys }: UnprofiledDevice): string {
  const own = Object.entries(keys).map(([key, value]) => `, ${key}: ${value}`);
  return `  ${id}: { connection: simulator${own.join('')} }`;
}

/** Addresses and paths in quotes, which YAML would else take apart. */
function quoted(value: unknown): string {
  return typeof value === 'string' && /[^a-z0-9-]/i.test(value) ? `'${value}'` : String(value);
}
