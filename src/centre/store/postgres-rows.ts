import { addRange, type Ranges } from '../../model/ranges.ts';
import type { Identity, ReceivedReading } from '../message.ts';
import type { Keepable } from '../sink.ts';

/** What one transaction writes, as rows of JSON; see postgres-statements.ts. */
export type Rows = {
  readonly accounts: string;
  readonly readings: string;
  /** How many readings. */
  readonly count: number;
  readonly coverage: string;
  readonly gaps: string;
  /** Undefined of none, which is nearly always. */
  readonly corrections: string | undefined;
  /** Which sequences came with a time that is not for sure, from the first to the last; undefined of none. */
  readonly unsure: string | undefined;
};

type Page = {
  readonly identity: Identity;
  readonly readings: ReceivedReading[];
  covers: Ranges;
  conflicting: number;
};

/** Joins the messages of each gateway and epoch: there is one lock an account, and one range where messages follow on. */
export function rowsOf(entries: readonly Keepable[]): Rows {
  const pages = [...pagesOf(entries).values()];
  return {
    accounts: JSON.stringify(pages.map(({ identity, conflicting }) => ({ ...identity, conflicting }))),
    readings: JSON.stringify(pages.map(({ identity, readings }) => ({ ...identity, readings: readings.map(row) }))),
    count: pages.reduce((sum, { readings }) => sum + readings.length, 0),
    coverage: JSON.stringify(
      pages.flatMap(({ identity, covers }) => covers.map((range) => ({ ...identity, ...range }))),
    ),
    gaps: JSON.stringify(entries.flatMap((entry) => (entry.kind === 'gap' ? [gapRow(entry.message)] : []))),
    corrections: correctionsOf(entries),
    unsure: unsureOf(pages),
  };
}

function unsureOf(pages: readonly Page[]): string | undefined {
  const rows = pages.flatMap(({ identity, readings }) => {
    let [after, upto] = [Infinity, 0];
    for (const { seq, clock = 'synchronised' } of readings) {
      if (clock === 'synchronised') continue;
      after = Math.min(after, seq - 1);
      upto = Math.max(upto, seq);
    }
    return after < upto ? [{ ...identity, after, upto }] : [];
  });
  return rows.length === 0 ? undefined : JSON.stringify(rows);
}

function correctionsOf(entries: readonly Keepable[]): string | undefined {
  const rows = entries.flatMap((entry) => {
    if (entry.kind !== 'correction') return [];
    const { gateway, epoch, number, covers, shift, clock } = entry.message;
    return [{ gateway, epoch, number, ...covers, shift, clock }];
  });
  return rows.length === 0 ? undefined : JSON.stringify(rows);
}

function pagesOf(entries: readonly Keepable[]): Map<string, Page> {
  const pages = new Map<string, Page>();
  for (const entry of entries) {
    const { gateway, epoch, covers } = entry.message;
    const key = `${gateway}/${epoch}`;
    const page = pages.get(key) ?? { identity: { gateway, epoch }, readings: [], covers: [], conflicting: 0 };
    pages.set(key, page);
    if (entry.kind !== 'data') continue;
    for (const reading of entry.fresh) page.readings.push(reading);
    page.covers = addRange(page.covers, covers);
    page.conflicting += entry.conflicting;
  }
  return pages;
}

function row({ seq, point, time, sourceTime, value, quality, reason, unit, clock }: ReceivedReading): object {
  return {
    seq,
    point: storable(point),
    time,
    source: sourceTime,
    ...valueColumn(value),
    quality,
    reason: reason === null ? null : storable(reason),
    unit: unit === null ? null : storable(unit),
    clock,
  };
}

function valueColumn(value: ReceivedReading['value']): object {
  if (typeof value === 'number') return { number: value };
  if (typeof value === 'string') return { text: storable(value) };
  return value === null ? {} : { flag: value };
}

/** PostgreSQL's texts cannot hold everything that JSON's can: the character 0, and halves of surrogate pairs. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{FFFD}');
}

function gapRow({ gateway, epoch, covers, count, from, to, reason }: Extract<Keepable, { kind: 'gap' }>['message']) {
  return { gateway, epoch, ...covers, count, oldest: from, newest: to, reason };
}
