import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/forward/budget.ts';
import { Gate, type GateSettings } from '../../../src/forward/gate.ts';
import type { Priority } from '../../../src/forward/window.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A gate, and what has passed it. */
class Bench {
  readonly clock: FakeClock;
  readonly gate: Gate;
  readonly passed: string[] = [];
  readonly #over = new AbortController();

  constructor(settings: Partial<GateSettings>, budget?: Budget, clock = new FakeClock()) {
    this.clock = clock;
    this.gate = new Gate({ rate: undefined, schedule: undefined, ...settings }, budget, clock);
  }

  ask(priority: Priority): void {
    this.gate.open(priority, this.#over.signal).then(
      () => this.passed.push(priority),
      () => this.passed.push('over'),
    );
  }

  end(): void {
    this.#over.abort(new Error('the session is over'));
  }
}

/** A clock that says this time of day, UTC. */
function clockAt(time: string): FakeClock {
  const midnight = Date.UTC(2026, 10, 22);
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return new FakeClock({ wall: midnight + hours * HOUR + minutes * MINUTE });
}

describe('a rate', () => {
  test('lets a second of it go at once, and then as much as comes free', async () => {
    const bench = new Bench({ rate: { readings: 100 } });
    bench.gate.spent({ readings: 150, bytes: 1 });
    bench.ask('live');
    await bench.clock.advance(499);
    expect(bench.passed).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.passed).toEqual(['live']);
  });

  test('of bytes holds as well, and what is read now comes before the backlog', async () => {
    const bench = new Bench({ rate: { bytes: 1000 } });
    bench.gate.spent({ readings: 1, bytes: 1000 });
    bench.ask('backlog');
    bench.ask('live');
    bench.ask('control');
    await bench.clock.advance(1);
    expect(bench.passed.toSorted()).toEqual(['control', 'live']);
    await bench.clock.advance(498);
    expect(bench.passed.toSorted()).toEqual(['control', 'live']);
    await bench.clock.advance(2);
    expect(bench.passed.at(-1)).toBe('backlog');
  });
});

describe('a schedule', () => {
  const quiet = [{ from: 22 * 60, to: 6 * 60 }];

  test('holds all but alarms in quiet hours, over midnight', async () => {
    const bench = new Bench({ schedule: { quiet } }, undefined, clockAt('22:00'));
    for (const priority of ['live', 'backlog', 'control'] as const) bench.ask(priority);
    await bench.clock.advance(8 * HOUR - 1);
    expect(bench.passed).toEqual(['control']);
    expect(bench.gate.held).toBe('quiet hours: only alarms are sent');
    await bench.clock.advance(1);
    expect(bench.passed.toSorted()).toEqual(['backlog', 'control', 'live']);
    expect(bench.gate.held).toBeUndefined();
  });

  test('lets the backlog go in its own hours alone', async () => {
    const bench = new Bench({ schedule: { backlog: [{ from: 60, to: 120 }] } }, undefined, clockAt('00:30'));
    for (const priority of ['live', 'backlog'] as const) bench.ask(priority);
    await bench.clock.advance(30 * MINUTE - 1);
    expect(bench.passed).toEqual(['live']);
    await bench.clock.advance(1);
    expect(bench.passed).toEqual(['live', 'backlog']);
  });

  test('ends a wait with the session', async () => {
    const bench = new Bench({ schedule: { quiet } }, undefined, clockAt('23:00'));
    bench.ask('live');
    bench.end();
    await bench.clock.advance(0);
    expect(bench.passed).toEqual(['over']);
  });
});

describe('a budget', () => {
  test('stops the backlog first, then all but alarms, until the next day', async () => {
    await using folder = await temporaryFolder();
    const budget = new Budget({ bytes: 1000, per: 'day' }, join(folder.path, 'budget'));
    const bench = new Bench({}, budget, clockAt('12:00'));
    bench.gate.spent({ readings: 1, bytes: 800 });
    for (const priority of ['live', 'backlog'] as const) bench.ask(priority);
    await bench.clock.advance(0);
    expect(bench.passed).toEqual(['live']);
    bench.gate.spent({ readings: 1, bytes: 200 });
    for (const priority of ['live', 'control'] as const) bench.ask(priority);
    await bench.clock.advance(12 * HOUR - 1);
    expect(bench.passed).toEqual(['live', 'control']);
    expect(bench.gate.held).toContain('budget');
    await bench.clock.advance(1);
    expect(bench.passed.toSorted()).toEqual(['backlog', 'control', 'live', 'live']);
  });

  test('is not renewed by a restart, but by the month', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'budget');
    const settings = { bytes: 1000, per: 'month' } as const;
    const november = Date.UTC(2026, 10, 22);
    new Budget(settings, file).spend(1000, november);
    expect(new Budget(settings, file).wait('live', november)).toBe(Date.UTC(2026, 11, 1) - november);
    const december = Date.UTC(2026, 11, 31);
    new Budget(settings, file).spend(1000, december);
    expect(new Budget(settings, file).wait('live', december)).toBe(Date.UTC(2027, 0, 1) - december);
    expect(new Budget(settings, file).wait('live', Date.UTC(2027, 0, 1))).toBe(0);
  });

  test('begins anew where nobody knows what was spent, and goes on where nothing can be written', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'budget');
    writeFileSync(file, '{"period":7}');
    const budget = new Budget({ bytes: 1000, per: 'day' }, file);
    expect(budget.wait('live', 0)).toBe(0);
    budget.spend(10, 0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ period: '1970-01-01', bytes: 10 });
    const lost = new Budget({ bytes: 10, per: 'day' }, join(folder.path, 'missing', 'budget'));
    lost.spend(10, 0);
    expect(lost.wait('live', 0)).toBeGreaterThan(0);
  });
});
