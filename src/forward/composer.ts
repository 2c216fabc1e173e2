import type { Columns } from '../journal/codec.ts';
import { createDecoder } from '../journal/decode.ts';
import { newestState } from '../journal/clock-state.ts';
import { doubted } from '../journal/doubt.ts';
import type { Anchor, ClockState, CommittedBatch, Journal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { Range } from '../model/ranges.ts';
import type { Cursor } from './cursor.ts';
import type { Message } from './destination.ts';
import type { DataEncoder, MessageLimits } from './format.ts';
import type { Lane } from './window.ts';

/** A message ready to be sent, and what it means for the journal. */
export type Draft = {
  /** To be sent in this order and at once; none where there is nothing to say of what it covers. */
  readonly messages: readonly Message[];
  /** Of their payloads. */
  readonly bytes: number;
  readonly lane: Lane;
  readonly covers: Range;
  /** How many readings it carries; a gap message carries none. */
  readonly count: number;
  /** The newest of them. */
  readonly newest: DataEncoder['newest'];
};

export type ComposerContext = {
  readonly lane: Lane;
  readonly journal: Pick<Journal, 'anchors' | 'points'>;
  readonly clock: Clock;
  readonly createEncoder: () => DataEncoder;
};

/** Makes the messages of one lane from the batches behind a cursor. */
export class Composer {
  readonly #lane: Lane;
  readonly #journal: Pick<Journal, 'anchors' | 'points'>;
  readonly #clock: Clock;
  readonly #createEncoder: () => DataEncoder;
  #encoder: DataEncoder;
  #pointsKnown: number;
  readonly #decode = createDecoder();
  #decoded: { readonly batch: CommittedBatch; readonly state: ClockState; readonly columns: Columns } | undefined;

  /** `createEncoder` is called again when new points have been interned. */
  constructor({ lane, journal, clock, createEncoder }: ComposerContext) {
    this.#lane = lane;
    this.#journal = journal;
    this.#clock = clock;
    this.#createEncoder = createEncoder;
    this.#encoder = createEncoder();
    this.#pointsKnown = journal.points.size;
  }

  /** The next message; undefined when nothing that is loaded is selected: the coverage then waits in the cursor. */
  compose(cursor: Cursor, limits: MessageLimits): Draft | undefined {
    this.#mindNewPoints();
    let state = newestState(this.#journal);
    for (let head = cursor.head(); head !== undefined; head = cursor.head()) {
      const anchor = this.#anchorOf(head.batch);
      // One message names one clock state.
      if (this.#encoder.count > 0 && anchor.state !== state) break;
      state = anchor.state;
      const batch = { columns: this.#columnsOf(head.batch, state), first: head.batch.first, offset: anchor.offset };
      const stop = this.#encoder.add(batch, head.from, head.to, limits);
      cursor.advance(stop);
      if (stop < head.to) break;
    }
    return this.#encoder.count === 0 ? undefined : this.#finish(cursor, state);
  }

  /** A message without readings, which says that there were none to send as far as the cursor has come. */
  empty(cursor: Cursor): Draft {
    return this.#finish(cursor, newestState(this.#journal));
  }

  #finish(cursor: Cursor, clock: ClockState): Draft {
    const { count, newest } = this.#encoder;
    const covers = cursor.cover();
    const messages = this.#encoder.finish({ covers, clock, sent: this.#clock.wall(), isRepeat: cursor.isRepeat });
    const bytes = messages.reduce((sum, { payload }) => sum + payload.length, 0);
    return { messages, bytes, lane: this.#lane, covers, count, newest };
  }

  #columnsOf(batch: CommittedBatch, state: ClockState): Columns {
    if (this.#decoded?.batch !== batch || this.#decoded.state !== state) {
      this.#decoded = { batch, state, columns: doubted(this.#decode(batch.body), state) };
    }
    return this.#decoded.columns;
  }

  #anchorOf(batch: CommittedBatch): Anchor {
    const anchor = this.#journal.anchors.get(batch.anchor);
    if (anchor !== undefined) return anchor;
    throw new GatewayError(
      'journal-corrupt',
      `batch ${batch.first} refers to the clock anchor ${batch.anchor}, unknown`,
    );
  }

  #mindNewPoints(): void {
    if (this.#journal.points.size === this.#pointsKnown) return;
    this.#pointsKnown = this.#journal.points.size;
    this.#encoder = this.#createEncoder();
  }
}
