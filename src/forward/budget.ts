import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { BudgetSettings } from '../config/configuration.ts';
import { isoTime, parseTime } from '../model/clock.ts';
import type { Priority } from './window.ts';

// The bytes that a metered link may carry in a day or a month.

const BACKLOG_SHARE = 0.8; // the backlog leaves the rest of a period to what is read now
const WRITE_EVERY = 0.01; // of the budget: so much may be forgotten by a power cut
const LENGTHS = { day: 10, month: 7 } as const; // characters of an ISO time that name the period

type Spent = { readonly period: string; readonly bytes: number };

/** What was spent is kept in a small file beside the journal: a restart does not renew a budget. */
export class Budget {
  readonly #settings: BudgetSettings;
  readonly #file: string;
  #spent: Spent;
  #written: number;

  constructor(settings: BudgetSettings, file: string) {
    this.#settings = settings;
    this.#file = file;
    this.#spent = readSpent(file);
    this.#written = this.#spent.bytes;
  }

  /** Milliseconds until a message of this kind may be sent, at the wall time `now`. */
  wait(priority: Exclude<Priority, 'control'>, now: number): number {
    const limit = this.#settings.bytes * (priority === 'backlog' ? BACKLOG_SHARE : 1);
    if (this.#spent.period !== this.#periodOf(now) || this.#spent.bytes < limit) return 0;
    return this.#nextPeriod(now) - now;
  }

  spend(bytes: number, now: number): void {
    const period = this.#periodOf(now);
    const before = this.#spent.period === period ? this.#spent.bytes : 0;
    this.#spent = { period, bytes: before + bytes };
    const change = Math.abs(this.#spent.bytes - this.#written);
    if (change >= this.#settings.bytes * WRITE_EVERY || before === 0) this.save();
  }

  /** Writes down what was spent; a disk that takes nothing must not keep us from delivering. */
  save(): void {
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#spent));
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // It is then right until the next restart.
    }
    this.#written = this.#spent.bytes;
  }

  #periodOf(now: number): string {
    return isoTime(now).slice(0, LENGTHS[this.#settings.per]);
  }

  #nextPeriod(now: number): number {
    const period = this.#periodOf(now);
    if (this.#settings.per === 'day') return parseTime(`${period}T00:00:00.000Z`) + 86_400_000;
    const [year = 0, month = 0] = period.split('-').map(Number);
    const next = month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`;
    return parseTime(`${next}-01T00:00:00.000Z`);
  }
}

function readSpent(file: string): Spent {
  try {
    const { period, bytes } = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof period === 'string' && Number.isFinite(bytes) && bytes >= 0) return { period, bytes };
  } catch {
    // Nothing was spent yet, or nobody knows.
  }
  return { period: '', bytes: 0 };
}
