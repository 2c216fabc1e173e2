import { expect } from 'vitest';
import type { CentreReport } from '../../src/centre/report.ts';
import { destinationAt, openForwarding } from './forwarding.ts';
import { brokerAt, runningCentre } from './running-centre.ts';

/** A broker that can be taken away with all that it does not keep, and comes back on the same port. */
export type TestedBroker = { readonly url: string; stop(): Promise<void>; start(): Promise<void> };

export type BrokerLedger = {
  /** What the gateway spoke in the end. */
  readonly protocol: string | null;
  /** Readings in the journal. */
  readonly committed: number;
  readonly report: CentreReport;
};

/**
 * Readings before, during and after an outage that begins while they are sent, from a real journal to a centre with a
 * session. Resolves once the centre has all of them.
 */
export async function ledgerThrough(broker: TestedBroker, protocol: '5' | '3.1.1' | undefined): Promise<BrokerLedger> {
  const settings = brokerAt(broker.url, { session: true, protocol, clientId: `centre-${protocol ?? 'any'}` });
  await using centre = await runningCentre({ broker: settings, fromStart: true });
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url, { protocol })]);
  await forwarding.reported('destination-up');
  await forwarding.record(2000, 100);
  const back = centre.next('lost').then(() => centre.next('subscribed'));
  const recording = forwarding.record(5000, 100);
  await broker.stop();
  await recording;
  await forwarding.reported('destination-lost');
  await forwarding.record(20_000);
  await broker.start();
  await Promise.all([back, forwarding.reported('destination-up', 2)]);
  await forwarding.record(2000, 100);
  const committed = forwarding.journal.last;
  const arrived = ({ gateways }: CentreReport): boolean =>
    gateways.some(({ upto, missing }) => upto === committed && missing === 0);
  const report = await centre.until(arrived, AbortSignal.timeout(60_000));
  return { protocol: forwarding.status().protocol, committed, report };
}

/** Everything arrived, once, and no repeat contradicts it. */
export function expectComplete({ committed, report }: BrokerLedger): void {
  expect(report).toMatchObject({ complete: true, received: committed, missing: 0, conflicting: 0 });
  expect(report.gateways).toMatchObject([
    { coverage: 'contiguous', from: 0, upto: committed, gaps: [], unverified: 0 },
  ]);
}
