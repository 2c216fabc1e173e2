import { z } from 'zod';
import type { Clock } from '../model/clock.ts';
import type { PointNumber, Reading } from '../model/reading.ts';
import type { StateStore } from '../model/state-store.ts';
import type { CollectedDevice } from './collected-device.ts';
import type { TimeSpan } from './driver.ts';

// No device keeps more, and a clock that was wrong must not make us ask for decades.
const LONGEST_HOLE = 30 * 24 * 3_600_000;

// Milliseconds: a server that is subscribed to again first sends what its queues hold.
const SETTLING = 5_000;

// What is missed within one and a half periods is the next reading.
const MISSED = 1.5;

/** The clocks of device and gateway may differ by this, milliseconds: who has source times is asked for a little more. */
const CLOCK_MARGIN = 60_000;

/** A stretch of time in which a device was not heard. `from` grows as it is filled. */
export type Hole = {
  from: number;
  readonly to: number;
  /** Monotonic milliseconds from which it may be filled: what the device still sends by itself by then is known. */
  readonly settled: number;
  /** Source times of the newest reading before it and of the first after it, by point: what lies outside is known. */
  readonly before: ReadonlyMap<PointNumber, number>;
  readonly after: Map<PointNumber, number>;
};

const savedSchema = z.array(z.tuple([z.number(), z.number()]));

/** When one device was heard, and when not. */
export class Holes {
  readonly #device: CollectedDevice;
  readonly #clock: Clock;
  readonly #state: StateStore;
  readonly #sourceTimes = new Map<PointNumber, number>();
  #heardAt: number | undefined;
  #open: readonly Hole[];

  constructor(device: CollectedDevice, clock: Clock, state: StateStore) {
    this.#device = device;
    this.#clock = clock;
    this.#state = state;
    this.#open = this.#saved();
  }

  /** Oldest first. */
  get open(): readonly Hole[] {
    return this.#open;
  }

  /** Whether the device was never heard since the start: what the journal has of it says since when it is missing. */
  get unheard(): boolean {
    return this.#heardAt === undefined;
  }

  /**
   * What is known from before the start, by point, wall milliseconds; call before the first `heard`. Whatever holes
   * were saved are older.
   */
  remember(newest: ReadonlyMap<PointNumber, number>): void {
    if (newest.size === 0) return;
    for (const [point, time] of newest) this.#sourceTimes.set(point, time);
    const silence = Math.max(0, this.#clock.wall() - Math.max(...newest.values()));
    this.#heardAt = this.#clock.monotonic() - silence;
  }

  /** The device was heard now; `interrupted` where it had been away. Returns whether there is a new hole. */
  heard(readings: readonly Reading[], interrupted: boolean): boolean {
    const now = this.#clock.monotonic();
    const silence = now - (this.#heardAt ?? now);
    this.#heardAt = now;
    const isHole = interrupted && silence > MISSED * this.#device.period;
    if (isHole) this.#add(silence);
    this.#note(readings);
    return isHole;
  }

  /** The hole is filled, or cannot be. Durable when it resolves. */
  async close(hole: Hole): Promise<void> {
    this.#open = this.#open.filter((each) => each !== hole);
    await this.save();
  }

  /** Durable when it resolves: what is still missing is asked for after a restart, too. */
  async save(): Promise<void> {
    const spans = this.#open.map(({ from, to }) => [from, to]);
    await this.#state.put(this.#key, spans.length === 0 ? undefined : JSON.stringify(spans));
  }

  get #key(): string {
    return `holes/${this.#device.id}`;
  }

  #saved(): readonly Hole[] {
    const saved = this.#state.get(this.#key);
    if (saved === undefined) return [];
    return savedSchema.parse(JSON.parse(saved)).map(([from, to]) => ({
      from,
      to,
      settled: -Infinity,
      before: new Map(),
      after: new Map(),
    }));
  }

  #add(silence: number): void {
    const to = this.#clock.wall();
    const from = to - Math.min(silence, LONGEST_HOLE);
    const settled = this.#clock.monotonic() + SETTLING;
    this.#open = [...this.#open, { from, to, settled, before: new Map(this.#sourceTimes), after: new Map() }];
  }

  #note(readings: readonly Reading[]): void {
    for (const { point, sourceTime, quality } of readings) {
      if (sourceTime === null || quality === 'bad') continue;
      this.#sourceTimes.set(point, sourceTime);
      // Not every device sends in the order of time: the current value may come before those that it had queued.
      for (const { before, after } of this.#open) {
        if (sourceTime > (before.get(point) ?? -Infinity))
          after.set(point, Math.min(sourceTime, after.get(point) ?? Infinity));
      }
    }
  }
}

/** What to ask a device for; more than the hole where source times tell what is known already. */
export function askedSpan({ from, to, before, after }: Hole): TimeSpan {
  return { from: before.size > 0 ? from - CLOCK_MARGIN : from, to: after.size > 0 ? to + CLOCK_MARGIN : to };
}

/** Whether a historical reading was missed, and is not one of those that are known. */
export function wasMissed({ point, sourceTime }: Reading, { from, to, before, after }: Hole): boolean {
  if (sourceTime === null) return false;
  return sourceTime > (before.get(point) ?? from) && sourceTime < (after.get(point) ?? to);
}
