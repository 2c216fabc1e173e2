import type { SalvagedJournal } from '../journal/journal.ts';
import { GatewayError } from '../model/errors.ts';
import { subtractRange, type Range } from '../model/ranges.ts';
import { BacklogLane } from './backlog-lane.ts';
import type { LaneContext } from './lane.ts';
import { Outbox, type OutboxContext } from './outbox.ts';
import type { Progress } from './progress.ts';

/** What a destination has still to get of a damaged journal; outlives the sessions. */
export type Salvage = { readonly salvaged: SalvagedJournal; readonly progress: Progress };

/** Readings of them that wait. */
export function pendingOf(salvages: Iterable<Salvage>): number {
  return [...salvages].reduce((sum, { progress, salvaged: { journal } }) => sum + progress.count(journal.last), 0);
}

type SalvageContext = Omit<OutboxContext, 'journal' | 'progress' | 'repair'> & {
  readonly order: 'oldest-first' | 'newest-first';
  readonly lane: (outbox: Outbox, salvage: Salvage) => LaneContext;
};

/** Those of one session. */
export class SalvageDeliveries {
  readonly #deliveries = new Map<SalvagedJournal, SalvageDelivery>();

  /** Sequences that wait or are on their way. */
  get behind(): number {
    return this.#deliveries.values().reduce((sum, { behind }) => sum + behind, 0);
  }

  /** Whether one of them may have what ended an earlier connection. */
  get isSuspected(): boolean {
    return this.#deliveries.values().some(({ isSuspected }) => isSuspected);
  }

  start(salvage: Salvage, context: SalvageContext): void {
    const delivery = new SalvageDelivery(salvage, context);
    this.#deliveries.set(salvage.salvaged, delivery);
    delivery.start();
  }

  withdraw(salvaged: SalvagedJournal): void {
    this.#deliveries.get(salvaged)?.close(new GatewayError('journal-failed', 'it is withdrawn'));
    this.#deliveries.delete(salvaged);
  }

  /** The connection has taken a message. */
  delivered(): void {
    for (const delivery of this.#deliveries.values()) delivery.delivered();
  }

  /** The connection was lost; `taken`: it had taken something before. */
  lost(taken: boolean): void {
    for (const delivery of this.#deliveries.values()) delivery.lost(taken);
  }

  close(reason: Error): void {
    for (const delivery of this.#deliveries.values()) delivery.close(reason);
  }

  /** Resolves once nothing of them is on its way. */
  async settled(): Promise<void> {
    await Promise.all(this.#deliveries.values().map((delivery) => delivery.settled()));
  }
}

/** Brings in one session what was salvaged: a backlog of its own, whose acknowledgements belong to its own journal. */
class SalvageDelivery {
  readonly #salvage: Salvage;
  readonly #lane: BacklogLane;
  readonly #outbox: Outbox;
  readonly #failed: (error: unknown) => void;
  /** To be sent once another message has been taken. */
  #held: Range | undefined;

  constructor(salvage: Salvage, context: SalvageContext) {
    const { salvaged, progress } = salvage;
    const { speech, order, lane } = context;
    const { journal, epoch } = salvaged;
    this.#salvage = salvage;
    this.#failed = (error) => this.#end(error, context.failed);
    this.#outbox = new Outbox({
      ...context,
      journal,
      progress,
      speech: {
        loss: (loss, sent) => speech.loss(loss, sent, epoch),
        correction: (record, sent) => speech.correction(record, sent, epoch),
      },
      repair: (task) => this.#lane.repair(task),
      failed: this.#failed,
    });
    this.#lane = new BacklogLane(lane(this.#outbox, salvage), { journal, order, progress });
  }

  get isSuspected(): boolean {
    return this.#salvage.progress.suspicion.isOpen;
  }

  get behind(): number {
    return this.#lane.waiting + this.#outbox.backlog;
  }

  start(): void {
    const { tasks, unclear, held } = this.#salvage.progress.suspicion;
    for (const task of tasks) this.#lane.repair(task);
    this.#held = held;
    for (const range of unclear.reduce(subtractRange, this.#salvage.progress.pending)) this.#lane.add(range);
    void this.#outbox.announceGaps();
    this.#outbox.announceCorrections();
    this.#lane.run().catch(this.#failed);
  }

  delivered(): void {
    if (this.#held !== undefined) this.#lane.repair({ range: this.#held, readings: 1 });
    this.#held = undefined;
  }

  close(reason: Error): void {
    this.#lane.close(reason);
  }

  settled(): Promise<void> {
    return this.#outbox.settled();
  }

  lost(taken: boolean): void {
    this.#salvage.progress.suspicion.ended(this.#outbox.unacknowledged, taken);
  }

  /** What is wrong with what was salvaged must not keep the journal of now from being delivered: its owner tells of it. */
  #end(error: unknown, failed: (error: unknown) => void): void {
    if (error instanceof GatewayError && error.code.startsWith('journal-')) this.#lane.close(error);
    else failed(error);
  }
}
