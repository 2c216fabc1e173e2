import { Ledger } from '../../src/centre/ledger.ts';
import { parseMessage } from '../../src/centre/parse.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import type { Behaviour } from './broker-far-end.ts';

/** What a far end does that acknowledges everything and books what it acknowledges, by the ledger of `weir centre`. */
export class BookingBroker {
  readonly #ledger = new Ledger({ remember: 1_000_000, fromStart: true });
  readonly #waiting = new Set<() => void>();

  readonly publish: NonNullable<Behaviour['publish']> = (client, { id, qos, topic, bytes }) => {
    if (qos > 0) client.puback(id);
    const message = parseMessage(topic, bytes);
    if (message !== undefined) this.#ledger.book(message, Date.now());
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  };

  report(): CentreReport {
    return this.#ledger.report(Date.now());
  }

  /** Resolves once everything from the beginning to `upto` is there, or announced as lost. */
  async untilCovered(upto: number): Promise<void> {
    for (;;) {
      const [gateway] = this.report().gateways;
      if (gateway !== undefined && gateway.upto >= upto && gateway.missing === 0) return;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
}
