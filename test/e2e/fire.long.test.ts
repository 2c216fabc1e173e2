import { expect } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { counterPoints, startCounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { expectAsCommitted, expectComplete, untilDelivered } from '../support/delivered.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWitness } from '../support/witness.ts';

const DAEMON_KILLS = 50;
const BROKER_KILLS = 20;
const MINUTES = 60_000;
const POINTS = 60; // one request of the meter
const SPARE_READS = 100; // that may still be on their way into the journal

testWith(
  'mosquitto',
  'a gateway killed 50 times and its broker 20 times lose nothing: delivered is committed, to the last digit',
  async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto({ persistence: true });
    await using meter = await startCounterMeter();
    await using witness = startWitness(broker.url);
    await using daemon = new Daemon(folder.path);
    await witness.subscribed;
    const random = randomNumbers(20_261_122);
    const never = new AbortController().signal;
    const randomInstant = (longest: number): Promise<void> => systemClock.sleep(random.below(longest), never);

    await daemon.launch({
      journal: { path: daemon.journal, keep: { size: '1GiB', age: '30d' }, commit: '50ms' },
      connections: { meter: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: meter.port } },
      devices: { counter: { connection: 'meter', every: '20ms', points: counterPoints(10) } },
      destinations: { centre: { url: broker.url } },
    });
    const victims = Array.from({ length: DAEMON_KILLS + BROKER_KILLS }, (_, index) => ({
      victim: index < DAEMON_KILLS ? ('daemon' as const) : ('broker' as const),
      turn: random.below(2 ** 31),
    })).sort((one, other) => one.turn - other.turn);
    for (const { victim } of victims) {
      await randomInstant(2_000);
      if (victim === 'broker') await broker.restart();
      else {
        await daemon.stop('SIGKILL');
        await daemon.launch();
      }
    }
    await daemon.stop('SIGKILL');
    await daemon.start();
    const control = await daemon.control();
    const { journal } = await control.status();
    const report = await untilDelivered(witness, journal.last, 2 * MINUTES);
    await daemon.stop();

    expectComplete(report);
    await expectAsCommitted(witness, daemon, journal.last);
    process.stdout.write(
      `fire: ${DAEMON_KILLS} kills of the daemon, ${BROKER_KILLS} of the broker; committed ${journal.last}, delivered ${report.received}, repeats ${report.repeats}, missing ${report.missing}\n`,
    );
  },
  10 * MINUTES,
);

testWith(
  'mosquitto',
  '150 000 readings that piled up while the broker was away all arrive, and live ones do not wait for them',
  async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto({ persistence: true });
    await using meter = await startCounterMeter();
    await using witness = startWitness(broker.url);
    await using daemon = new Daemon(folder.path);
    await witness.subscribed;
    await daemon.start({
      journal: { path: daemon.journal, keep: { size: '1GiB', age: '30d' }, commit: '100ms' },
      connections: { meter: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: meter.port } },
      devices: { counter: { connection: 'meter', every: '10ms', points: counterPoints(POINTS) } },
      destinations: { centre: { url: broker.url } },
    });
    const control = await daemon.control();
    const committed = async (): Promise<number> => (await control.status()).journal.last;
    await witness.centre.until(({ received }) => received > 0, AbortSignal.timeout(MINUTES));
    await broker.stop('SIGTERM');
    const before = await committed();
    await meter.untilRead(meter.reads + Math.ceil(150_000 / POINTS) + SPARE_READS);
    await broker.start();
    const piledUp = await committed();
    expect(piledUp - before).toBeGreaterThanOrEqual(150_000);
    const report = await untilDelivered(witness, piledUp, 2 * MINUTES);
    expectComplete(report);
    const { live, backlog } = report.gateways[0]?.delayMs ?? {};
    expect(report.received).toBeGreaterThanOrEqual(piledUp);
    expect(live?.p50).toBeLessThan(1_000);
    expect(backlog?.p50).toBeGreaterThan(1_000);
    process.stdout.write(`pile: ${piledUp - before} readings piled up; live p50 ${live?.p50} ms p99 ${live?.p99} ms\n`);
  },
  5 * MINUTES,
);
