import { Ledger } from '../../src/centre/ledger.ts';
import type { ReceivedReading } from '../../src/centre/message.ts';
import { parseMessage } from '../../src/centre/parse.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import type { Behaviour, BrokerConnection, Publication } from './broker-far-end.ts';
import { keepFirst, type Books } from './delivered.ts';

/** Has dealt with a message, so that it is neither acknowledged nor booked. */
type Refuse = (client: BrokerConnection, publication: Publication) => boolean;

/** What a far end does that acknowledges everything and books what it acknowledges, by the ledger of `weir centre`. */
export class BookingBroker implements Books {
  readonly #ledger = new Ledger({ remember: 1_000_000, fromStart: true });
  readonly readings = new Map<number, ReceivedReading>();
  readonly #refuse: Refuse;
  readonly #waiting = new Set<() => void>();

  constructor(refuse: Refuse = () => false) {
    this.#refuse = refuse;
  }

  readonly publish: NonNullable<Behaviour['publish']> = (client, publication) => {
    if (this.#refuse(client, publication)) return;
    const { id, qos, topic, bytes } = publication;
    if (qos > 0) client.puback(id);
    const message = parseMessage(topic, bytes);
    if (message !== undefined) keepFirst(this.readings, this.#ledger.book(message, Date.now()));
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
