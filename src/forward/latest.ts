import type { Columns } from '../journal/codec.ts';
import { createDecoder } from '../journal/decode.ts';
import { doubtedStored } from '../journal/doubt.ts';
import type { CommittedBatch, Journal } from '../journal/journal.ts';
import type { PointNumber } from '../model/reading.ts';

/** The newest committed reading of a point; its fields as in `Columns`. */
export type LatestReading = {
  readonly sequence: number;
  readonly kind: number;
  readonly number: number;
  readonly other: bigint | string | undefined;
  readonly quality: number;
  readonly reason: number;
  /** Wall milliseconds, as they are known now. */
  readonly wall: number;
};

/** As it was committed: what its time and quality are worth is for its anchor to say when it is asked for. */
type Noted = Omit<LatestReading, 'wall'> & { readonly anchor: number; readonly time: number };

export interface LatestReadings {
  /** The newest sequence that it has seen. */
  readonly upto: number;
  /** Undefined where none is known. */
  of(point: PointNumber): LatestReading | undefined;
}

// So far back it looks at the start: what is read less often begins without a value.
const LOOK_BACK = { readings: 50_000, bytes: 2 * 1024 * 1024 } as const;

/** Follows the commits, so that whoever must introduce all points at once knows the value of each. */
export class Latest implements LatestReadings {
  readonly #journal: Journal;
  readonly #decode = createDecoder();
  readonly #readings: (Noted | undefined)[] = [];
  upto = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  of(point: PointNumber): LatestReading | undefined {
    const noted = this.#readings[point];
    if (noted === undefined) return undefined;
    const { anchor: number, time, ...reading } = noted;
    const anchor = this.#journal.anchors.get(number);
    return { ...reading, ...doubtedStored(reading, anchor?.state), wall: time + (anchor?.offset ?? 0) };
  }

  /** Follows from now on, beginning with what was committed last; call the function returned to end it. */
  async follow(): Promise<() => void> {
    const stop = this.#journal.onCommit((batch) => this.#take(batch));
    const upto = this.#journal.last;
    const end = Math.max(upto, this.upto);
    let after = Math.max(0, upto - LOOK_BACK.readings);
    while (after < upto) {
      const { range, batches } = await this.#journal.read({ after, upto }, LOOK_BACK);
      for (const batch of batches) this.#take(batch);
      after = batches.length === 0 ? upto : range.upto;
    }
    this.upto = Math.max(end, this.upto);
    return stop;
  }

  #take(batch: CommittedBatch): void {
    const columns = this.#decode(batch.body);
    // From its end, so that of a point that is in it many times only the newest is noted.
    for (let index = batch.count - 1; index >= 0; index -= 1) this.#note(columns, index, batch);
    this.upto = Math.max(this.upto, batch.first + batch.count - 1);
  }

  #note(columns: Columns, index: number, { first, anchor }: CommittedBatch): void {
    const sequence = first + index;
    const point = columns.points[index] ?? 0;
    if ((this.#readings[point]?.sequence ?? 0) >= sequence) return;
    this.#readings[point] = {
      sequence,
      kind: columns.kinds[index] ?? 0,
      number: columns.numbers[index] ?? 0,
      other: columns.others[index],
      quality: columns.qualities[index] ?? 0,
      reason: columns.reasons[index] ?? 0,
      anchor,
      time: columns.times[index] ?? 0,
    };
  }
}
