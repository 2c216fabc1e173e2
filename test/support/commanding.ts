import { join } from 'node:path';
import { Commander, type CommanderContext } from '../../src/command/commander.ts';
import type { OwnDestination } from '../../src/command/requests.ts';
import type { CommandSettings } from '../../src/config/configuration.ts';
import { isoTime } from '../../src/model/clock.ts';
import type { CommandOrigin, CommandResult } from '../../src/model/command.ts';
import type { StateStore } from '../../src/model/state-store.ts';
import { createAudit, type Audit } from '../../src/ops/audit/log.ts';
import { openEntry, type AuditEntry } from '../../src/ops/audit/entry.ts';
import { readLines } from '../../src/ops/audit/files.ts';
import { Collecting, collectedPoint, type Told } from './collecting.ts';
import { FakeClock } from './fake-clock.ts';
import { memoryState } from './memory-state.ts';
import { PlayedUnits } from './played-bus.ts';
import { temporaryFolder } from './temporary-folder.ts';

const points = [
  collectedPoint('boiler', {
    name: 'setpoint',
    address: { place: 0, type: 'int16' },
    scale: 0.1,
    write: { min: 5, max: 60 },
    definition: { unit: 'Cel' },
  }),
  collectedPoint('boiler', { name: 'pump', address: { place: 1, type: 'uint16' }, write: {} }),
  collectedPoint('boiler', { name: 'flow', address: { place: 2, type: 'int16' } }),
];

const boiler = { id: 'boiler', profile: undefined, settings: { unit: 1 }, described: undefined };

const rule: CommandSettings = { points: ['boiler/setpoint', 'boiler/pump'], perMinute: 120, validity: 300_000 };

type Changes = {
  readonly rule?: Partial<CommandSettings>;
  readonly state?: StateStore;
  readonly synchronised?: boolean;
  readonly audit?: string;
  readonly own?: OwnDestination;
};

const ignore = (): void => undefined;

/** A boiler on a played bus, and a centre that may write its setpoint and its pump. */
export class Commanding implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly units: PlayedUnits;
  readonly collecting: Collecting;
  readonly commander: Commander;
  readonly audit: Audit;
  readonly auditPath: string;
  readonly results: CommandResult[] = [];
  readonly told: Told[] = [];
  readonly #release: AsyncDisposableStack;
  #waiting: (() => void)[] = [];
  #numbered = 0;

  // oxlint-disable-next-line max-params -- only called below
  constructor(
    parts: Pick<Commanding, 'clock' | 'units' | 'collecting' | 'auditPath'>,
    state: StateStore,
    changes: Changes,
    release: AsyncDisposableStack,
  ) {
    this.clock = parts.clock;
    this.units = parts.units;
    this.collecting = parts.collecting;
    this.auditPath = parts.auditPath;
    this.#release = release;
    const path = this.auditPath;
    this.audit = createAudit({ path, size: 1 << 24, clock: this.clock, failed: ignore, recovered: ignore });
    const context: CommanderContext = {
      clock: this.clock,
      report: (event, fields) => this.told.push({ event, fields }),
      audit: this.audit,
      state,
      buses: [this.collecting.collector],
      epoch: '6f1c9a2e',
      own: () => changes.own,
      rules: new Map([['centre', { ...rule, ...changes.rule }]]),
      isSynchronised: () => changes.synchronised ?? true,
      answer: (_destination, result) => {
        this.results.push(result);
        for (const resolve of this.#waiting.splice(0)) resolve();
      },
    };
    this.commander = new Commander(context);
    release.use(this.audit);
    release.use(this.commander);
  }

  /** A command as a centre would send it now; each with an id of its own unless `changes` says otherwise. */
  command(changes: object = {}): Buffer {
    const now = this.clock.wall();
    this.#numbered += 1;
    const times = { issued: isoTime(now), expires: isoTime(now + 60_000) };
    return Buffer.from(
      JSON.stringify({ id: `c${this.#numbered}`, ...times, target: 'boiler/setpoint', value: 45.5, ...changes }),
    );
  }

  take(payload: Uint8Array, origin: Partial<CommandOrigin> = {}): void {
    this.commander.take(payload, { destination: 'centre', retained: false, ...origin });
  }

  /** Resolves with all results once there are `count`. */
  async until(count: number): Promise<readonly CommandResult[]> {
    while (this.results.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.results;
  }

  /** Takes one command and resolves with what becomes of it. */
  async outcome(payload: Uint8Array, origin: Partial<CommandOrigin> = {}): Promise<CommandResult | undefined> {
    const count = this.results.length;
    this.take(payload, origin);
    return (await this.until(count + 1))[count];
  }

  /** What the device holds: registers by number. */
  get held(): ReadonlyMap<number, number> {
    return this.units.units.get(1) ?? new Map();
  }

  get entries(): readonly AuditEntry[] {
    return readLines(this.auditPath).flatMap(({ text }) => openEntry(text) ?? []);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#release.disposeAsync();
  }
}

export async function commanding(changes: Changes = {}): Promise<Commanding> {
  const release = new AsyncDisposableStack();
  const folder = release.use(await temporaryFolder());
  const clock = new FakeClock();
  const units = new PlayedUnits({ 1: { 0: 200, 1: 0, 2: 0 } });
  const collecting = release.use(new Collecting([{ ...boiler, points }], units.driver, clock));
  await clock.advance(1);
  const auditPath = changes.audit ?? join(folder.path, 'audit.log');
  return new Commanding({ clock, units, collecting, auditPath }, changes.state ?? memoryState(), changes, release);
}
