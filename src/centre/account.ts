import { addRange, clipRanges, countRanges, holes, subtractRanges, type Range, type Ranges } from '../model/ranges.ts';
import { Rate } from '../ops/rate.ts';
import { DeliveredContent, type ContentMemory } from './content.ts';
import { Corrections } from './corrections.ts';
import { Delays } from './delays.ts';
import type { Conflict, Correction, CorrectionMessage, DataMessage, Gap, GapMessage, Identity } from './message.ts';
import type { Lane, ReceivedReading } from './message.ts';

/** What a later run needs to go on with an account. */
export type AccountState = Identity & {
  readonly delivered: Ranges;
  readonly gaps: readonly Gap[];
  readonly received: number;
  readonly corrections?: readonly Correction[];
  /** How many readings of a range are kept, where that can be told at once. */
  readonly kept?: (range: Range) => number;
};

/** What a data message brought that was not there before, and where it contradicts what was: the first conflicts of all. */
export type Receipt = {
  readonly fresh: readonly ReceivedReading[];
  readonly conflicts: readonly Conflict[];
  readonly conflicting: number;
};

// One message can contradict everything that was ever delivered.
const CONFLICTS_NAMED = 100;

/** One page of the ledger: what one gateway delivered in one epoch. */
export class Account {
  readonly identity: Identity;
  readonly delays: Readonly<Record<Lane, Delays>> = { live: new Delays(), backlog: new Delays() };
  readonly rate = new Rate();
  /** Readings by what the gateway knew of the time. */
  readonly clocks = new Map<string, number>();
  readonly gaps: Gap[];
  received: number;
  repeats = 0;
  /** Repeats that could not be held against the first delivery, because that is forgotten. */
  unverified = 0;
  conflicting = 0;
  /** Readings that arrived because they were asked for once more. */
  repaired = 0;
  /** Readings whose time the gateway has corrected. */
  corrected = 0;
  /** Wall milliseconds; null before the first data message of this run. */
  arrivals: { readonly first: number; readonly last: number } | null = null;
  /** Covered by data messages; `#covered` adds what gap records cover. */
  #delivered: Ranges;
  #covered: Ranges;
  /** Of what gap records told, whether or not it was here: the gateway has it no more, and a repeat is without it. */
  #announced: Ranges;
  readonly #content: DeliveredContent;
  readonly #corrections: Corrections;
  readonly #kept: (range: Range) => number;

  constructor(state: AccountState, memory: ContentMemory) {
    this.identity = { gateway: state.gateway, epoch: state.epoch };
    this.received = state.received;
    this.gaps = [...state.gaps];
    this.#delivered = state.delivered;
    this.#announced = state.gaps.map((gap) => gap.covers).reduce(addRange, []);
    this.#covered = this.#announced.reduce(addRange, state.delivered);
    this.#content = new DeliveredContent(memory);
    this.#corrections = new Corrections(state.corrections ?? []);
    this.#kept = state.kept ?? keptOf(state);
  }

  /** Every sequence accounted for: delivered, or announced as lost. */
  get covered(): Ranges {
    return this.#covered;
  }

  /** How many separate stretches the gap records told of. */
  get announced(): number {
    return this.#announced.length;
  }

  /** Books a data message that arrived at `now`, wall milliseconds. */
  deliver(message: DataMessage, now: number): Receipt {
    const repeated = clipRanges(this.#delivered, message.covers);
    const { fresh, ...rest } =
      repeated.length === 0
        ? { fresh: message.readings, conflicts: [], conflicting: 0 }
        : this.#verify(message, repeated);
    const receipt = { fresh: fresh.map((reading) => this.#take(reading)), ...rest };
    for (const { time } of receipt.fresh) this.delays[message.lane].add(now - time);
    this.#delivered = addRange(this.#delivered, message.covers);
    this.#covered = addRange(this.#covered, message.covers);
    this.#count(message, receipt, now);
    return receipt;
  }

  /** Books a gap record; false when it was told before, or is of what is here: then nothing is lost. */
  announce({ covers, count, from, to, reason }: GapMessage): boolean {
    this.#announced = addRange(this.#announced, covers);
    if (this.#hasAll({ covers, count, reason })) return false;
    if (this.gaps.some((gap) => gap.covers.after === covers.after && gap.covers.upto === covers.upto)) return false;
    this.gaps.push({ covers, count, from, to, reason });
    this.#covered = addRange(this.#covered, covers);
    return true;
  }

  /**
   * Whether what a gap record calls lost was delivered. That it is covered proves it only of what was delivered once and
   * is asked for again: else a message may have covered what retention had taken, and have come before the record.
   */
  #hasAll({ covers, count, reason }: Pick<GapMessage, 'covers' | 'count' | 'reason'>): boolean {
    if (holes(this.#delivered, covers).length > 0) return false;
    if (reason === 'no-longer-kept' || this.#content.remembered(covers).length >= count) return true;
    return this.#kept(covers) >= count; // an earlier run received it, or it is forgotten
  }

  /** Books a correction of the gateway's clock; false when it was told before. */
  correct(message: CorrectionMessage): boolean {
    if (!this.#corrections.add(message)) return false;
    this.corrected += this.#content.correct(message.covers, message.clock);
    return true;
  }

  /** How many corrections there are. */
  get corrections(): number {
    return this.#corrections.count;
  }

  /** Remembers a reading that is new, with the time that is known by now. */
  #take(reading: ReceivedReading): ReceivedReading {
    const known = reading.clock === undefined ? reading : this.#corrections.apply(reading);
    this.#content.remember(known, this.#untouched);
    if (known === reading) this.#content.doubt(known);
    else this.corrected += 1;
    return known;
  }

  readonly #untouched = (range: Range): boolean => clipRanges(this.#delivered, range).length === 0;

  #count(message: DataMessage, { fresh, conflicting }: Receipt, now: number): void {
    this.received += fresh.length;
    if (message.repeat === true) this.repaired += fresh.length;
    this.repeats += message.readings.length - fresh.length;
    this.conflicting += conflicting;
    this.clocks.set(message.clock, (this.clocks.get(message.clock) ?? 0) + fresh.length);
    this.rate.add(now, fresh.length);
    this.arrivals = { first: this.arrivals?.first ?? now, last: now };
  }

  /** Parts a message that was delivered before, in whole or in part, into what is new and what is not. */
  #verify({ readings }: DataMessage, repeated: Ranges): Receipt {
    const fresh: ReceivedReading[] = [];
    const conflicts: Pick<Conflict, 'seq' | 'what'>[] = [];
    for (const reading of readings) {
      if (!repeated.some((range) => reading.seq > range.after && reading.seq <= range.upto)) {
        fresh.push(reading);
        continue;
      }
      const verdict = this.#content.compare(reading);
      if (verdict === 'unverified') this.unverified += 1;
      else if (verdict !== 'same') conflicts.push({ seq: reading.seq, what: verdict });
    }
    const changed = conflicts.length;
    const vanished = this.#vanished(readings, repeated);
    for (const seq of vanished.slice(0, CONFLICTS_NAMED)) conflicts.push({ seq, what: 'vanished' });
    return {
      fresh,
      conflicts: conflicts.slice(0, CONFLICTS_NAMED).map((conflict) => ({ ...this.identity, ...conflict })),
      conflicting: changed + vanished.length,
    };
  }

  /** Sequences that a repeat leaves out although they were in the first delivery, and nobody told of their loss since. */
  #vanished(readings: readonly ReceivedReading[], repeated: Ranges): number[] {
    const present = new Set(readings.map((reading) => reading.seq));
    return subtractRanges(repeated, this.#announced)
      .flatMap((range) => this.#content.remembered(range))
      .filter((seq) => !present.has(seq));
  }
}

/** Only of a gateway that sent every reading it has is it known without looking which those are. */
function keptOf({ delivered, received }: AccountState): (range: Range) => number {
  if (received < countRanges(delivered)) return () => 0;
  return (range) => countRanges(clipRanges(delivered, range));
}
