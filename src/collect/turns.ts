import type { CollectedDevice } from './collected-device.ts';
import { ProbeBudget } from './probe-budget.ts';

/** Milliseconds. A timer may fire a little early: what is due within this is due now. */
export const TIMER_GRAIN = 1;

/** Whether requests wait for the bus. */
type Waiting = { readonly writes: boolean; readonly work: boolean };

/** Who has the bus next; `rest`: nobody wants it until then, monotonic milliseconds. */
export type Turn =
  | { readonly kind: 'write' | 'work' }
  | { readonly kind: 'device'; readonly device: CollectedDevice }
  | { readonly kind: 'rest'; readonly until: number };

/** Devices that are not silent, by when they are due. */
type Survey = {
  /** Of all that are not silent. */
  readonly first: CollectedDevice | undefined;
  /** Of those that answered when they were last asked. */
  readonly firstUp: CollectedDevice | undefined;
};

/**
 * Decides who has the bus: writes, then other work of technicians, then polls by due time. Whoever goes ahead of polls
 * lets them catch up before going again: a write one of them, other work each that it kept waiting. Silent devices are
 * tried where nobody waits for long because of it, the one that was left alone for longest first.
 */
export class Turns {
  readonly #devices: readonly CollectedDevice[];
  readonly #budget: ProbeBudget;
  /** Devices that were due by then, and answer, have their turn before others go ahead again. */
  #keptWaiting = -Infinity;
  #mayWrite = true;

  constructor(devices: readonly CollectedDevice[], now: number) {
    this.#devices = devices;
    this.#budget = new ProbeBudget(now);
  }

  next(waiting: Waiting, now: number): Turn {
    const { first, firstUp } = this.#survey();
    const ahead = this.#ahead(waiting, firstUp);
    if (ahead !== undefined) return ahead;
    if (first !== undefined && first.dueAt <= now + TIMER_GRAIN) return { kind: 'device', device: first };
    const probe = this.#probe(firstUp?.dueAt ?? Infinity, now);
    if (probe !== undefined) return { kind: 'device', device: probe };
    return { kind: 'rest', until: this.#nextWish(first, now) };
  }

  /** What goes ahead of the polls that are due, or the poll that others went ahead of before. */
  #ahead({ writes, work }: Waiting, firstUp: CollectedDevice | undefined): Turn | undefined {
    const late = firstUp !== undefined && firstUp.dueAt <= this.#keptWaiting ? firstUp : undefined;
    if (writes && (this.#mayWrite || late === undefined)) return { kind: 'write' };
    if (late !== undefined) return { kind: 'device', device: late };
    return work ? { kind: 'work' } : undefined;
  }

  /** A write or other work was done, until `now`. */
  wentAhead(kind: 'write' | 'work', now: number): void {
    this.#keptWaiting = now;
    this.#mayWrite = kind !== 'write';
  }

  /** `device` had its turn from `began` to `now`; `wasSilent` where that was an attempt to reach a silent one. */
  had(device: CollectedDevice, turn: { readonly began: number; readonly wasSilent: boolean }, now: number): void {
    this.#mayWrite = true;
    if (device.health.silent) this.#keptWaiting = now;
    if (!turn.wasSilent) return;
    const due = this.#devices
      .filter((other) => other !== device && other.health.up)
      .reduce((earliest, other) => Math.min(earliest, other.dueAt), Infinity);
    this.#budget.spend(Math.max(0, now - Math.max(due, turn.began)), now);
  }

  #survey(): Survey {
    let first: CollectedDevice | undefined;
    let firstUp: CollectedDevice | undefined;
    for (const device of this.#devices) {
      const { silent, up } = device.health;
      if (silent) continue;
      if (first === undefined || goesBefore(device, first)) first = device;
      if (up && (firstUp === undefined || goesBefore(device, firstUp))) firstUp = device;
    }
    return { first, firstUp };
  }

  /** The silent device to try now; `due` is when the next poll is, which would have to wait. */
  #probe(due: number, now: number): CollectedDevice | undefined {
    const rested = this.#devices.filter(({ health, dueAt }) => health.silent && dueAt <= now + TIMER_GRAIN);
    const first = rested.reduce<CollectedDevice | undefined>(
      (oldest, device) => (oldest === undefined || device.servedAt < oldest.servedAt ? device : oldest),
      undefined,
    );
    const wait = (device: CollectedDevice): number => Math.max(0, now + device.probeTime - due);
    if (first === undefined || this.#budget.affords(wait(first), first.probeTime, now)) return first;
    // What is saved is saved for the first; others go ahead of it only where that costs nothing.
    return rested.find((device) => wait(device) === 0);
  }

  /** When the bus is wanted next. A silent device that is not tried now is looked at again after the next poll. */
  #nextWish(first: CollectedDevice | undefined, now: number): number {
    return this.#devices
      .filter(({ health, dueAt }) => health.silent && dueAt > now + TIMER_GRAIN)
      .reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), first?.dueAt ?? Infinity);
  }
}

/** Whether `one` is polled before `other`: due earlier, or as early and waiting longer for its turn. */
function goesBefore(one: CollectedDevice, other: CollectedDevice): boolean {
  const [due, otherDue] = [one.dueAt, other.dueAt];
  return due === otherDue ? one.servedAt < other.servedAt : due < otherDue;
}
