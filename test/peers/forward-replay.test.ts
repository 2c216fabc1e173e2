import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { replayOf, sendCommand, type OutgoingCommand } from '../../src/centre/command.ts';
import type { DataMessage, ReceivedReading } from '../../src/centre/message.ts';
import type { RepairEvent } from '../../src/centre/repair.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import { systemClock } from '../../src/model/clock.ts';
import { expectAsCommitted, expectComplete, keepFirst, untilDelivered } from '../support/delivered.ts';
import { destinationAt, openForwarding, type Forwarding } from '../support/forwarding.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { describeWith, testWith } from '../support/peers.ts';
import { Recipient } from '../support/recipient.ts';
import { Relay } from '../support/relay.ts';
import { brokerAt, runningCentre } from '../support/running-centre.ts';
import { goodReadings, scriptedDriver } from '../support/scripted-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startedGateway, type StartedGateway } from '../support/started-gateway.ts';

// A broker may lose what it has acknowledged. The centre finds the hole, and has it filled from the journal.

vi.setConfig({ testTimeout: 60_000 });

const forEver = new AbortController().signal;

/** A gateway whose meter counts its reads, twenty a second. */
function countingGateway(broker: Mosquitto, commands: object, folder?: string): Promise<StartedGateway> {
  let count = 0;
  const driver = scriptedDriver({
    read: (_device, points, { clock }) => Promise.resolve(goodReadings(points, (count += 1), clock.monotonic())),
  });
  const sections = {
    clock: { trusted: true },
    connections: { bus: { driver: 'scripted' } },
    devices: { meter: { connection: 'bus', every: '50ms', points: { count: { unit: '1' } } } },
    destinations: { centre: { url: broker.url, commands } },
  };
  return startedGateway(driver, sections, folder === undefined ? {} : { folder });
}

/** Resolves with how much the journal knows to be delivered for good, once it is more than `least`. */
async function delivered({ control }: StartedGateway, least: number): Promise<number> {
  for (;;) {
    const { last, destinations } = (await control.status()).journal;
    const settled = last - (destinations[0]?.pending ?? last);
    if (settled > least) return settled;
    await systemClock.sleep(50, forEver);
  }
}

const hasAll =
  (upto: number) =>
  ({ complete, gateways }: CentreReport): boolean =>
    complete && (gateways[0]?.upto ?? 0) > upto;

/** The broker of a centre that was away dies with what it held for it; resolves with the newest sequence that it had acknowledged. */
async function lose(broker: Mosquitto, gateway: StartedGateway, { relay, upto }: { relay: Relay; upto: number }) {
  relay.cut();
  const lost = await delivered(gateway, upto + 30);
  await broker.restart();
  relay.mend();
  return lost;
}

describeWith('mosquitto', 'what a broker has acknowledged and lost', () => {
  test('is a hole, which the centre has filled: in the end nothing is missing', async () => {
    await using broker = await startMosquitto();
    await using relay = await Relay.to(broker.port);
    await using folder = await temporaryFolder();
    const asked = Promise.withResolvers<RepairEvent>();
    const readings = new Map<number, ReceivedReading>();
    await using centre = await runningCentre({
      broker: brokerAt(`mqtt://127.0.0.1:${relay.port}`, { session: true }),
      fromStart: true,
      onEntry: (entry) => keepFirst(readings, entry),
      repair: { patience: 400, told: asked.resolve },
    });
    const gateway = await countingGateway(broker, { replay: { perHour: 3600 } }, folder.path);
    await using _gateway = gateway;
    const before = await centre.until(hasAll(10), forEver);
    const lost = await lose(broker, gateway, { relay, upto: before.gateways[0]?.upto ?? 0 });
    const report = await centre.until((now) => (now.gateways[0]?.repaired ?? 0) > 0 && hasAll(lost)(now), forEver);
    expect(await asked.promise).toMatchObject({
      gateway: 'test',
      outcome: 'asked',
      detail: expect.stringMatching(/once more$/),
    });
    expect(report).toMatchObject({ missing: 0, conflicting: 0, gateways: [{ coverage: 'contiguous' }] });
    expect(report.gateways[0]?.repaired).toBeGreaterThan(25);
    const { last } = (await gateway.control.status()).journal;
    expectComplete(await untilDelivered({ centre }, last, 30_000));
    await gateway[Symbol.asyncDispose]();
    await expectAsCommitted({ readings }, { journal: join(folder.path, 'journal') }, last);
  });
});

describeWith('mosquitto', 'what a centre asks a gateway for', () => {
  let stack: AsyncDisposableStack;
  let broker: Mosquitto;
  let gateway: StartedGateway;
  let centre: Recipient;

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    broker = stack.use(await startMosquitto());
    centre = stack.use(await new Recipient().subscribe(broker.url));
    gateway = stack.use(await countingGateway(broker, { replay: { perHour: 3600 }, perMinute: 120 }));
    await delivered(gateway, 20);
  });

  afterAll(() => stack.disposeAsync());

  const ask = (body: OutgoingCommand['body'], at = broker.url) =>
    sendCommand(
      brokerAt(at, { clientId: 'weir-command-test' }),
      { gateway: 'test', id: randomUUID(), body, validity: 60_000, patience: 15_000 },
      systemClock,
      forEver,
    );

  test('sequences come once more in the backlog lane, marked, with what they held before', async () => {
    const ranges = [
      { after: 4, upto: 6 },
      { after: 10, upto: 12 },
    ];
    expect(await ask({ replay: replayOf({ ranges }) })).toMatchObject({ status: 'done', target: 'replay', value: 4 });
    const repeats = (): readonly DataMessage[] => centre.data.filter(({ repeat }) => repeat === true);
    await centre.until(() => repeats().length === 2);
    expect(repeats().map(({ lane, covers }) => [lane, covers])).toEqual(ranges.map((range) => ['backlog', range]));
    expect(centre).toMatchObject({ repeats: 4, conflicts: [] });
    expect((await gateway.control.status()).commands).toMatchObject({ done: 1 });
    expect(await readFile(join(gateway.folder, 'journal', 'audit.log'), 'utf8')).toMatch(
      /"event":"command","detail":\{"destination":"centre","id":"[^"]+","target":"replay","value":"5\.\.6, 11\.\.12"/,
    );
  });

  test('times come once more too', async () => {
    const [first] = centre.data.flatMap(({ readings }) => readings);
    const time = first?.time ?? 0;
    const known = centre.repeats;
    expect(await ask({ replay: replayOf({ from: time, to: time }) })).toMatchObject({ status: 'done' });
    await centre.until(({ repeats }) => repeats > known);
    expect(await ask({ replay: replayOf({ from: 0, to: time - 60_000 }) })).toMatchObject({
      status: 'failed',
      reason: 'gone',
      detail: 'centre: the journal holds nothing of it any more',
    });
  });

  test('what is of another epoch is refused by name', async () => {
    const ranges = [{ after: 4, upto: 6 }];
    expect(await ask({ replay: replayOf({ ranges }, '00000000') })).toMatchObject({
      status: 'rejected',
      reason: 'other-epoch',
    });
  });

  test('the catalogue is published again', async () => {
    const catalogues = (): number => centre.arrived.filter(({ message }) => message.kind === 'catalogue').length;
    const known = catalogues();
    expect(await ask({ catalogue: true })).toMatchObject({ status: 'done', target: 'catalogue' });
    await centre.until(() => catalogues() > known);
  });

  test('a technician has it sent once more as well, and that is kept', async () => {
    const known = centre.repeats;
    const span = { ranges: [{ after: 0, upto: 3 }] };
    expect(await gateway.control.rewind('centre', span)).toEqual({ kept: span.ranges, gone: [] });
    await centre.until(({ repeats }) => repeats === known + 3);
    expect((await gateway.untilTold('journal-rewound')).fields).toEqual({
      destination: 'centre',
      readings: 3,
      ranges: '1..3',
    });
    await expect(gateway.control.rewind('city', span)).rejects.toMatchObject({ code: 'usage' });
  });
});

/** Resolves once the journal knows that the centre has everything: the last moments of the broker are over. */
async function untilNothingWaits({ journal }: Forwarding): Promise<void> {
  while ((await journal.status()).destinations[0]?.pending !== 0) await systemClock.sleep(20, forEver);
}

testWith('mosquitto', 'what retention has taken is told to the centre as a gap, and refused', async () => {
  await using broker = await startMosquitto();
  await using centre = await new Recipient().subscribe(broker.url);
  await using forwarding = await openForwarding({ keep: { size: 1.5 * 2 ** 20, age: 1e12 } });
  await forwarding.deliver([destinationAt(broker.url, { keepAlive: 1000 })]);
  while ((await forwarding.journal.status()).oldest <= 1000) {
    await forwarding.record(50_000);
    await untilNothingWaits(forwarding);
  }
  const [forwarder] = forwarding.forwarders;
  await expect(forwarder?.rewind({ ranges: [{ after: 100, upto: 200 }] })).rejects.toMatchObject({
    code: 'rewind-gone',
    message: 'centre: the journal holds nothing of it any more',
  });
  await centre.until(({ gaps }) => gaps.length > 0);
  expect(centre.gaps).toMatchObject([{ covers: { after: 100, upto: 200 }, reason: 'no-longer-kept' }]);
});

testWith('mosquitto', 'a request waits for its destination, and until it is done no other is taken', async () => {
  await using broker = await startMosquitto();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url, { keepAlive: 1000 })]);
  await forwarding.record(3000);
  await untilNothingWaits(forwarding);
  const [forwarder] = forwarding.forwarders;
  forwarder?.pause();
  const ranges = [{ after: 0, upto: 500 }];
  expect(await forwarder?.rewind({ ranges })).toEqual({ kept: ranges, gone: [] });
  await expect(forwarder?.rewind({ ranges })).rejects.toMatchObject({
    code: 'rewind-busy',
    message: 'centre: 500 readings of the request before are still to be sent',
  });
  await using centre = await new Recipient().subscribe(broker.url);
  forwarder?.resume();
  await centre.until(({ contents }) => contents.has(500));
  expect(centre.data.map(({ lane, repeat }) => [lane, repeat])).toEqual(centre.data.map(() => ['backlog', true]));
  expect(centre.contents.size).toBe(500);
  await untilNothingWaits(forwarding);
  expect(await forwarder?.rewind({ ranges })).toMatchObject({ gone: [] });
});
