import { expect } from 'vitest';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import { expectComplete, untilDelivered } from '../support/delivered.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { startWitness } from '../support/witness.ts';

const DAYS = 2 * 86_400_000;
const LONGEST = 60_000; // milliseconds between two attempts
const COMMITS = 100;
const READINGS = 300; // a commit

/** The system's clock, but whoever sleeps is woken at once; `slept` adds up how long they meant to. */
function hurriedClock(): { readonly clock: Clock; readonly slept: () => number } {
  let slept = 0;
  const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> => {
    slept += milliseconds;
    return systemClock.sleep(1, signal);
  };
  return { clock: { ...systemClock, sleep }, slept: () => slept };
}

testWith(
  'mosquitto',
  'a destination that is dead for days costs the other nothing, is one line in the log, and gets everything in the end',
  async () => {
    await using broker = await startMosquitto();
    await using dead = await startMosquitto();
    await dead.stop();
    await using witness = startWitness(broker.url);
    await witness.subscribed;
    await using forwarding = await openForwarding();
    const { journal } = forwarding;
    const { clock, slept } = hurriedClock();
    let looks = 0;
    const read = journal.read.bind(journal);
    Object.assign(journal, { read: (...asked: Parameters<typeof read>) => ((looks += 1), read(...asked)) });
    const backoff = { first: 1000, longest: LONGEST, jitter: 0.5 };
    await forwarding.deliver([destinationAt(broker.url), destinationAt(dead.url, { name: 'dead' })], {
      clock,
      backoff,
    });
    await forwarding.reported('destination-up');

    let commits = 0;
    for (; commits < COMMITS || slept() < DAYS; commits += 1) {
      await forwarding.record(READINGS);
      await untilDelivered(witness, journal.last, 60_000);
    }
    const total = commits * READINGS;
    const report = witness.centre.report();
    expectComplete(report);
    expect([report.received, report.repeats]).toEqual([total, 0]);
    expect(looks, 'whoever is out of reach does not read the journal either').toBe(0);
    expect(forwarding.told.map(({ event }) => event).toSorted()).toEqual(['destination-lost', 'destination-up']);
    expect(forwarding.status('dead')).toMatchObject({ state: 'lost', pending: total, delivered: 0 });

    await dead.start();
    await using late = startWitness(dead.url);
    await forwarding.reported('destination-up', 2);
    expectComplete(await untilDelivered(late, total, 60_000));
    process.stdout.write(
      `dead: ${(slept() / 86_400_000).toFixed(1)} days of waiting, ${total} readings to the living, live p99 ${report.gateways[0]?.delayMs.live.p99} ms; then all ${total} to the dead\n`,
    );
  },
  240_000,
);
