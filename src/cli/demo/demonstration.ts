import { join } from 'node:path';
import { createCentre, type Centre } from '../../centre/centre.ts';
import { inspectJournal } from '../../journal/inspect.ts';
import type { Clock } from '../../model/clock.ts';
import type { DestinationStatus } from '../../model/status.ts';
import { startDemoBroker, type DemoBroker } from './broker.ts';
import { startDaemon, type DemoDaemon } from './daemon.ts';
import type { Narrator } from './narrator.ts';
import { startPlant } from './plant.ts';
import { Outage } from './outage.ts';
import { holds, prove, type Observed, type Proof } from './proof.ts';

const SECOND = 1_000; // milliseconds
// The gateway tries less and less often: after five seconds without a broker it may be eight more until it has found it.
const LONGEST_RETURN = 30_000;
const LONGEST_WAIT_FOR_THE_REST = 10_000;

export type DemonstrationSettings = {
  readonly seconds: number;
  /** An empty folder for the configuration, the journal and the daemon's log. */
  readonly folder: string;
  readonly clock: Clock;
  readonly narrator: Narrator;
};

type Stage = DemonstrationSettings & {
  readonly broker: DemoBroker;
  readonly centre: Centre;
  readonly daemon: DemoDaemon;
};

/**
 * The main job from end to end: meters, the daemon, a broker that goes away for five seconds, a centre that verifies.
 * Aborting `signal` goes straight to the proof. Resolves with it, and whether it holds.
 */
export async function demonstrate(
  settings: DemonstrationSettings,
  signal: AbortSignal,
): Promise<{ readonly proof: Proof; readonly holds: boolean }> {
  const { folder, clock, narrator } = settings;
  await using broker = await startDemoBroker();
  await using plant = await startPlant({ folder, broker: broker.url, clock });
  await using centre = startCentre(broker, clock, narrator);
  await using daemon = await startDaemon({ ...plant, log: join(folder, 'daemon.log') }, clock);
  const began = clock.monotonic();
  narrator.heading(`three meters, read five times a second; for ${settings.seconds} s`);
  const observed = await observe({ ...settings, broker, centre, daemon }, signal);
  await daemon.stop();
  const seconds = (clock.monotonic() - began) / SECOND;
  const committed = (await inspectJournal(plant.journal)).last;
  const limit = new AbortController();
  const cancel = clock.after(LONGEST_WAIT_FOR_THE_REST, () => limit.abort());
  const report = await centre
    .until(({ missing, received }) => missing === 0 && received >= committed, limit.signal)
    .catch(() => centre.report());
  cancel();
  const proof = prove({ committed, report, seconds, ...observed });
  return { proof, holds: holds(proof, report) };
}

function startCentre(broker: DemoBroker, clock: Clock, narrator: Narrator): Centre & AsyncDisposable {
  const centre = createCentre({
    broker: {
      url: broker.url,
      clientId: 'demo-centre',
      session: true,
      user: undefined,
      tls: undefined,
      timeout: 2_000,
    },
    clock,
    fromStart: true,
    onEntry: (entry) => {
      if (entry.kind === 'data' && entry.message.lane === 'live') narrator.saw(entry.message.readings);
    },
  });
  const stop = new AbortController();
  const receiving = centre.run(stop.signal);
  return {
    ...centre,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await receiving;
    },
  };
}

/**
 * Lets the time pass, and more of it until the gateway has found the broker again; takes that away after a third of it,
 * and looks once a second.
 */
async function observe(
  { seconds, clock, narrator, broker, centre, daemon }: Stage,
  signal: AbortSignal,
): Promise<Pick<Observed, 'outageSeconds' | 'backlogPeak' | 'rssMiB'>> {
  const began = clock.monotonic();
  const outage = new Outage({ broker, narrator, clock, from: Math.round(seconds / 3) * SECOND });
  let backlogPeak = 0;
  let rssMiB = 0;
  let end = seconds * SECOND;
  for (let elapsed = 0; elapsed < end && !signal.aborted; elapsed += SECOND) {
    outage.turn(elapsed, signal);
    const {
      destinations: [destination],
      process,
    } = await daemon.control.status();
    backlogPeak = Math.max(backlogPeak, destination?.pending ?? 0);
    rssMiB = Math.max(rssMiB, process.rssMiB);
    narrator.second(elapsed, centre.report(), destination, outage.isOn);
    if (isBehind(destination)) end = Math.min(seconds * SECOND + LONGEST_RETURN, Math.max(end, elapsed + 2 * SECOND));
    const next = began + elapsed + SECOND;
    await clock.sleep(Math.max(0, next - clock.monotonic()), signal).catch(() => undefined);
  }
  await outage.over();
  return { outageSeconds: Math.round(outage.length) / SECOND, backlogPeak, rssMiB };
}

function isBehind(destination: DestinationStatus | undefined): boolean {
  return destination?.state !== 'connected' || destination.backlog > 0;
}
