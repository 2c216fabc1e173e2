import type { Anchor, CommittedBatch } from '../../src/journal/journal.ts';
import { createRecorder } from '../../src/journal/recorder.ts';
import { Timekeeper } from '../../src/journal/timekeeper.ts';
import type { Report } from '../../src/ops/events.ts';
import type { TimeService } from '../../src/ops/time-service.ts';
import { FakeClock } from './fake-clock.ts';
import { openTestJournal, pointDefinition, reading } from './journals.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const TRUE_TIME = Date.UTC(2026, 10, 22, 9, 15);
export const HOLD = 10 * MINUTE;

/** The machine: its clock, its time service, and the life that it is in. */
export class Machine {
  readonly clock: FakeClock;
  readonly boot: string;
  service: TimeService;
  /** How often it was asked for its time service. */
  asked = 0;

  constructor({ wall, boot = 'one', service = 'absent' }: { wall: number; boot?: string; service?: TimeService }) {
    this.clock = new FakeClock({ monotonic: 5 * SECOND, wall });
    this.boot = boot;
    this.service = service;
  }
}

/** A gateway's journal, recorder and timekeeper on a machine. */
export async function startKeeping(path: string, machine: Machine, trusted = false) {
  const { clock } = machine;
  const events: string[] = [];
  const report: Report = (event) => void events.push(event);
  const lookAtTimeService = async (): Promise<TimeService> => {
    machine.asked += 1;
    return machine.service;
  };
  const host = { id: machine.boot, monotonic: () => clock.monotonic() };
  const journal = await openTestJournal(path, { clock, trusted, report, lookAtTimeService, host });
  const time = new Timekeeper(journal, { clock, trusted, hold: HOLD, report, lookAtTimeService });
  const recorder = createRecorder(journal, { commit: SECOND, clock, time });
  const [point = 0] = await journal.intern([pointDefinition('power')]);
  const out: CommittedBatch[] = [];
  journal.onCommit((batch) => out.push(batch));
  await journal.destinations(['centre']);
  const stop = new AbortController();
  const running = time.run(stop.signal);
  await clock.untilPending(2);
  return {
    journal,
    time,
    events,
    /** What destinations may have. */
    out,
    /** Reads the value `value` now. */
    async read(value: number): Promise<void> {
      await recorder.record([{ ...reading(value, clock.monotonic()), point }]);
      await recorder.flush();
    },
    /** Wall times and qualities of everything read, as they are known now. */
    async known() {
      const query = { points: [point], from: 0, to: Number.MAX_SAFE_INTEGER, newestFirst: false, most: 1_000 };
      const { readings } = await journal.history(query);
      return readings.map(({ value, receivedTime, quality, reason }) => [value, receivedTime, quality, reason]);
    },
    newest: (): Anchor | undefined => [...journal.anchors.values()].at(-1),
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      await running;
      await journal[Symbol.asyncDispose]();
    },
  };
}

/** Lets time pass; the journal's thread answers meanwhile. */
export async function pass(
  gateway: { journal: { status(): Promise<unknown> } },
  machine: Machine,
  milliseconds: number,
) {
  await machine.clock.advance(milliseconds);
  await gateway.journal.status();
  await machine.clock.advance(0);
}
