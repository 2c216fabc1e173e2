import { once } from 'node:events';
import { Commander } from './command/commander.ts';
import { watchCentre, type FallbackContext } from './command/fallback.ts';
import { Collector, type CollectorContext } from './collect/collector.ts';
import type { Driver } from './collect/driver.ts';
import { collectedPoint, type DeviceSetup } from './collect/setup.ts';
import type { CommandSettings, Configuration } from './config/configuration.ts';
import { configurationDigest } from './config/digest.ts';
import { insecurities } from './config/insecurities.ts';
import { pkiFolder } from './wire/opcua-pki.ts';
import { readSecret } from './wire/secrets.ts';
import { Broadcast } from './control/broadcast.ts';
import { healthOf } from './control/health.ts';
import { createOperations, write, type GatewayParts } from './control/operations.ts';
import { serveControl } from './control/server.ts';
import { drivers as shippedDrivers } from './drivers.ts';
import type { ForwarderContext } from './forward/forwarder-context.ts';
import { createForwarder, type Forwarder } from './forward/forwarder.ts';
import { createSalvager } from './forward/salvager.ts';
import type { Journal, Recorder } from './journal/journal.ts';
import { DevicePresence } from './forward/presence.ts';
import { doubtedReading } from './journal/doubt.ts';
import { openJournal } from './journal/open.ts';
import { newestGood } from './journal/newest.ts';
import { createRecorder } from './journal/recorder.ts';
import { openStateFile } from './journal/state-file.ts';
import { Timekeeper } from './journal/timekeeper.ts';
import { withDeadline, type Clock } from './model/clock.ts';
import { GatewayError, messageOf } from './model/errors.ts';
import type { PointNumber, Reading } from './model/reading.ts';
import { auditing } from './ops/audit/auditing.ts';
import { createAudit, type Audit } from './ops/audit/log.ts';
import type { EventCounters, Report } from './ops/events.ts';
import { endStart, fitHeap } from './ops/heap.ts';
import { PkiWatch } from './ops/pki-watch.ts';
import { Rate } from './ops/rate.ts';
import type { Server, ServeContext } from './serve/server.ts';

export type GatewayEnvironment = {
  readonly clock: Clock;
  readonly version: string;
  /** Where events are told, and their counters for the status. */
  readonly report: Report;
  readonly counters: EventCounters;
  /** Loaders by driver name; those we ship unless a test brings its own. */
  readonly drivers?: DriverLoaders;
};

/** A running gateway. Disposing it stops collecting, commits what is in memory, and closes everything in reverse. */
export interface Gateway extends AsyncDisposable {
  /** Why the gateway does not get on, once its journal has answered; undefined while all goes well. For watchdogs. */
  stall(): Promise<string | undefined>;
  /** Resolves when the gateway was stopped; rejects with the first failure that it cannot recover from. */
  readonly ended: Promise<void>;
}

/**
 * Opens the journal, starts a collector for each connection and a forwarder for each destination, and serves its operators.
 * Rejects when the journal cannot be opened; a device or centre out of reach is not an error, it is waited for.
 */
export async function startGateway(configuration: Configuration, environment: GatewayEnvironment): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const { version, counters } = environment;
  const { journal: settings, gateway } = configuration;
  const host = { clock: environment.clock, report: environment.report, trusted: configuration.clock.trusted };
  const journal = opened.use(await openJournal({ ...settings, ...host, gateway: gateway.id }));
  const time = new Timekeeper(journal, { ...host, hold: configuration.clock.hold });
  const { clock } = time; // whoever asks for the time from here on gets the best known
  const audit = opened.use(openAudit(configuration, { clock, report: environment.report }));
  const report = auditing(environment.report, audit);
  tellConfiguration(configuration, report);
  const told = { ...environment, clock, report };
  const pki = new PkiWatch(settings.path, { clock, report });
  const assembled = await assemble(configuration, { journal, audit, time, pki }, told);
  const servers = await createServers(configuration, { ...assembled, ...told, journal, time });
  const salvage = createSalvager(configuration, { ...host, journal, forwarders: assembled.forwarders });
  const parts = { ...assembled, servers, time, pki, salvage };
  const running = opened.use(new AsyncDisposableStack());
  const tasks = running.adopt(startTasks(parts, clock), (started) => started.stop());
  const control = createOperations({ ...parts, configuration, version, clock, journal, audit, counters, report });
  running.use(await serveControl(control, { socket: configuration.control.socket, clock }));
  report('gateway-started', {
    gateway: gateway.id,
    connections: parts.collectors.length,
    devices: configuration.devices.length,
    points: configuration.devices.reduce((sum, device) => sum + device.points.length, 0),
    destinations: parts.forwarders.length,
  });
  endStart();
  const resources = opened.move();
  return {
    stall: async () => {
      await journal.status();
      return parts.collectors.map((collector) => collector.stall).find((reason) => reason !== undefined);
    },
    ended: tasks.ended,
    [Symbol.asyncDispose]: async () => {
      await using _kept = resources; // the log of what happened outlives what happens
      await running.disposeAsync();
      report('gateway-stopped', { gateway: gateway.id, reason: await tasks.reason() });
    },
  };
}

function openAudit({ audit }: Configuration, { clock, report }: Pick<GatewayEnvironment, 'clock' | 'report'>): Audit {
  return createAudit({
    ...audit,
    clock,
    failed: ({ message }) => report('audit-failed', { error: message }),
    recovered: (missed) => report('audit-recovered', { missed }),
  });
}

function tellConfiguration(configuration: Configuration, report: Report): void {
  report('configuration-loaded', { file: configuration.file, hash: configurationDigest(configuration) });
  for (const insecurity of insecurities(configuration)) report('verification-off', insecurity);
}

type Assembled = Pick<GatewayParts, 'collectors' | 'forwarders' | 'readings' | 'taken' | 'certificates'> & {
  readonly recorder: Recorder;
  readonly commander: Commander;
  /** What is done when a centre is lost, for each that may command. */
  readonly fallbacks: readonly ((signal: AbortSignal) => Promise<void>)[];
};

type Parts = Assembled & {
  readonly servers: readonly Server[];
  readonly time: Timekeeper;
  readonly pki: PkiWatch;
  /** Salvages damaged journals, until the signal. */
  readonly salvage: (signal: AbortSignal) => Promise<void>;
};

async function assemble(
  configuration: Configuration,
  { journal, audit, time, pki }: Pick<GatewayParts, 'journal' | 'audit'> & Pick<Parts, 'time' | 'pki'>,
  { clock, version, report, drivers = shippedDrivers }: GatewayEnvironment,
): Promise<Assembled> {
  const recorder = createRecorder(journal, { commit: configuration.journal.commit, clock, time });
  const readings = new Broadcast<readonly Reading[]>();
  const taken = new Rate();
  const shown = (batch: readonly Reading[]): void => {
    const now = clock.monotonic();
    taken.add(now, batch.length);
    fitHeap(taken.perSecond(now));
    readings.publish(batch);
  };
  const devices = await setUpDevices(configuration, journal);
  const intern: CollectorContext['intern'] = (definitions) => journal.intern(definitions);
  const newest: CollectorContext['newest'] = (points) => newestGood(journal, points);
  const state = await openStateFile(configuration.journal.path);
  const presence = new DevicePresence(new Map(configuration.devices.map(({ id, connection }) => [id, connection])));
  const folder = configuration.journal.path;
  const context = { clock, report: presence.noting(report), recorder, shown, intern, newest, state, folder };
  const collectors = await createCollectors(configuration, devices, drivers, context);
  const points = (): readonly PointNumber[] =>
    collectors.flatMap((collector) => collector.devices).flatMap((device) => device.points.map(({ number }) => number));
  const commanding = { clock, report, audit, buses: collectors };
  const commander = new Commander({
    ...commanding,
    state,
    epoch: journal.epoch,
    own: (name) => forwarders.find((forwarder) => forwarder.name === name),
    rules: commandRules(configuration),
    isSynchronised: () => time.state === 'synchronised',
    answer: (name, result) => forwarders.find((forwarder) => forwarder.name === name)?.answer(result),
  });
  const command = commander.take;
  const certificates: GatewayParts['certificates'] = () => [...forwarders, pki].flatMap((part) => part.certificates());
  const health = healthOf({ version, clock, collectors, journal, taken, audit, configuration, certificates });
  const sending = { journal, clock, report, readSecret, points, presence, command, health };
  const forwarders = await createForwarders(configuration, sending);
  const fallbacks = forwarders.flatMap((forwarder) => fallbackOf(configuration, forwarder, commanding));
  return { recorder, readings, taken, collectors, forwarders, commander, fallbacks, certificates };
}

function commandRules({ destinations }: Configuration): ReadonlyMap<string, CommandSettings> {
  return new Map(
    destinations.flatMap(({ name, commands }) => (commands === undefined ? [] : [[name, commands] as const])),
  );
}

function fallbackOf(
  { destinations }: Configuration,
  forwarder: Forwarder,
  commanding: Pick<FallbackContext, 'clock' | 'report' | 'audit' | 'buses'>,
): Parts['fallbacks'] {
  const fallback = destinations.find((destination) => destination.name === forwarder.name)?.commands?.fallback;
  if (fallback === undefined) return [];
  const isConnected = (): boolean => forwarder.status().state === 'connected';
  return [(signal) => watchCentre({ ...commanding, destination: forwarder.name, fallback, isConnected }, signal)];
}

type DevicesByConnection = ReadonlyMap<string, readonly DeviceSetup[]>;

type DriverLoaders = Readonly<Record<string, () => Promise<Driver>>>;

async function createCollectors(
  configuration: Configuration,
  devices: DevicesByConnection,
  drivers: DriverLoaders,
  context: CollectorContext,
): Promise<readonly Collector[]> {
  return Promise.all(
    configuration.connections.map(async ({ id, driver, settings }) => {
      const load = drivers[driver];
      if (load === undefined) throw new TypeError(`the configuration let an unknown driver pass: ${driver}`);
      const setup = { id, settings, devices: devices.get(id) ?? [] };
      return new Collector(setup, await load(), context);
    }),
  );
}

async function createForwarders(
  { destinations }: Configuration,
  context: Omit<ForwarderContext, 'state'>,
): Promise<readonly Forwarder[]> {
  const settings = new Map(destinations.map((destination) => [destination.name, destination]));
  const states = await context.journal.destinations([...settings.keys()]);
  return states.flatMap((state) => {
    const destination = settings.get(state.name);
    return destination === undefined ? [] : createForwarder(destination, { ...context, state });
  });
}

type ServingParts = Pick<Assembled, 'collectors' | 'readings'> &
  Pick<GatewayEnvironment, 'clock' | 'report' | 'version'> & { readonly journal: Journal; readonly time: Timekeeper };

/** What they are made of is loaded only where there is one: it is larger than all the rest. */
async function createServers(
  { servers, gateway, journal: { path } }: Configuration,
  { collectors, readings, journal, clock, report, version, time }: ServingParts,
): Promise<readonly Server[]> {
  if (servers.length === 0) return [];
  const { createOpcuaServer } = await import('./serve/opcua/server.ts');
  const context: ServeContext = {
    clock,
    report,
    gateway: gateway.id,
    version,
    folder: pkiFolder(path, 'server'),
    journal,
    devices: () => collectors.flatMap((collector) => collector.devices),
    listen: (listener) => readings.listen(listener),
    doubted: (reading) => doubtedReading(reading, time.state),
    write: async ({ point: { device, name }, value, by }, signal) => {
      await write({ clock, report, journal, collectors }, { device, values: { [name]: value }, by }, signal);
    },
  };
  return servers.map((settings) => createOpcuaServer(settings, context));
}

/** The devices of each connection, their points interned in the journal. */
async function setUpDevices({ devices }: Configuration, journal: Journal): Promise<DevicesByConnection> {
  const points = devices.flatMap((device) => device.points);
  const numbers = await journal.intern(points.map((point) => point.definition));
  const interned = new Map(
    points.map((point, index) => [point.definition.id, collectedPoint(point, numbers[index])] as const),
  );
  const setUp = devices.map(({ connection, points: own, ...device }) => ({
    connection,
    device: { ...device, points: own.flatMap(({ definition }) => interned.get(definition.id) ?? []) },
  }));
  return new Map(
    [...Map.groupBy(setUp, ({ connection }) => connection)].map(([id, group]) => [
      id,
      group.map(({ device }) => device),
    ]),
  );
}

type Tasks = {
  readonly ended: Promise<void>;
  /** Why it ended, once it has. */
  reason(): Promise<string>;
  stop(): Promise<void>;
};

/** Owns the background work: the first failure of any part ends all of it. */
function startTasks(parts: Parts, clock: Clock): Tasks {
  const { collectors, forwarders, servers, recorder, commander, fallbacks, time, pki, salvage } = parts;
  const collecting = new AbortController();
  const forwarding = new AbortController();
  const salvaging = new AbortController();
  const collected = Promise.all([
    once(collecting.signal, 'abort'), // with nothing to read it waits to be told, too
    ...collectors.map((collector) => collector.run(collecting.signal)),
    ...fallbacks.map((watch) => watch(collecting.signal)),
    commander.recover(),
    time.run(collecting.signal),
    pki.run(collecting.signal),
  ]);
  const forwarded = Promise.all(forwarders.map((forwarder) => forwarder.run(forwarding.signal)));
  const salvaged = salvage(salvaging.signal);
  const served = Promise.all(servers.map((server) => server.run(collecting.signal)));
  const ended = Promise.all([collected, forwarded, served, salvaged]).then(() => undefined);
  let isJournalThere = true;
  // It may fail before anybody listens; whoever awaits it is still told.
  ended.catch((error: unknown) => {
    isJournalThere = !(error instanceof GatewayError && error.code.startsWith('journal-'));
  });
  const reason = (): Promise<string> => ended.then(() => 'asked to', messageOf);
  const stop = async (): Promise<void> => {
    await commander[Symbol.asyncDispose]();
    collecting.abort();
    await Promise.allSettled([collected, served]);
    // A disk that takes nothing must not keep us here, and a journal that failed has ended the daemon with its reason.
    await withDeadline(recorder.flush(), { clock, milliseconds: LONGEST_FLUSH, late: tooLate }).catch(() => undefined);
    if (isJournalThere) await drain(forwarders, clock);
    forwarding.abort();
    await Promise.allSettled([forwarded]);
    salvaging.abort(); // its journals take the last acknowledgements
    await salvaged;
  };
  return { ended, reason, stop };
}

const LONGEST_FLUSH = 4_000; // milliseconds
const LONGEST_DRAIN = 2_000;
const DRAIN_LOOK = 10;

function tooLate(): Error {
  return new GatewayError('journal-full', 'what was read last could not be committed in time');
}

/** Gives the destinations in reach a moment to take what was committed last; the journal keeps the rest for them. */
async function drain(forwarders: readonly Forwarder[], clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + LONGEST_DRAIN;
  const never = new AbortController().signal;
  const isBehind = (): boolean =>
    forwarders
      .map((forwarder) => forwarder.status())
      .some(({ state, pending }) => state === 'connected' && pending > 0);
  while (isBehind() && clock.monotonic() < deadline) await clock.sleep(DRAIN_LOOK, never);
}
