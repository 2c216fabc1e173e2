import type { TimeSpan } from '../../src/collect/driver.ts';
import { dateOf } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import { arrivalAt } from './ask-items.ts';
import type { Item } from './item.ts';
import { dataValueOf, readingOf } from './reading.ts';
import { portions, type Services } from './services.ts';

// Values that are in memory at once, shared among the points: what was missed may be millions.
const MOST_VALUES = 20_000;
const MOST_PER_PORTION = 1_000;
const FEWEST_PER_POINT = 10;
const MOST_PER_POINT = 1_000;

// Portions in a row without anything new, after which a server that says that more follows is not believed.
const MOST_IDLE = 10;

/** A server that forgets where we were is asked again from there. */
const forgetful = ['BadNoContinuationPoints', 'BadContinuationPointInvalid'];

/** What one point was, as far as it has been read. */
type Past = {
  readonly item: Item;
  readonly nodeId: string;
  /** Read and not told yet, oldest first. */
  known: Reading[];
  /** Where the server goes on; undefined where it is to be asked from `from`. */
  continuation: Buffer | undefined;
  from: number;
  isComplete: boolean;
  /** First and last time and number of values of each portion that came: a server that repeats one goes in a circle. */
  readonly seen: Set<string>;
  /** Portions in a row in which was nothing new. */
  idle: number;
};

/**
 * What the server has kept of these items between two times, in portions, oldest first over all of them: raw values, as
 * they were. Items of which it keeps nothing are left out. Rejects with `device-refused` where that is all of them, with
 * `answer-malformed` once all is told where the server does not come to an end, or as `Services.ask` does.
 */
export async function* historyOf(
  services: Services,
  items: readonly Item[],
  span: TimeSpan,
  signal: AbortSignal,
): AsyncGenerator<readonly Reading[]> {
  const pasts = items.flatMap((item): readonly Past[] => {
    const { nodeId } = item;
    if (nodeId === undefined) return [];
    return [
      {
        item,
        nodeId,
        known: [],
        continuation: undefined,
        from: span.from,
        isComplete: false,
        seen: new Set(),
        idle: 0,
      },
    ];
  });
  const perPoint = Math.floor(MOST_VALUES / Math.max(1, pasts.length));
  const count = Math.min(MOST_PER_POINT, Math.max(FEWEST_PER_POINT, perPoint));
  const refusals = new Map<Past, string>();
  try {
    for (let rest: readonly Past[] = pasts; rest.length > 0; rest = pasts.filter((past) => !isTold(past))) {
      const hungry = rest.filter(({ known, isComplete }) => known.length === 0 && !isComplete);
      for (const portion of portions(hungry, services.limits.history)) {
        await readOn(services, portion, { span, count, refusals }, signal);
      }
      yield* portions(ripe(pasts), MOST_PER_PORTION);
    }
  } finally {
    await release(services, pasts, signal);
  }
  if (refusals.size === pasts.length) {
    const [why = 'nothing was asked for'] = refusals.values();
    throw new GatewayError('device-refused', `the server has kept nothing of these points: ${why}`);
  }
  const endless = pasts.filter(isEndless).map(({ item }) => item.point.id);
  if (endless.length > 0) {
    const what = `the history of ${endless.join(', ')}`;
    throw new GatewayError(
      'answer-malformed',
      `${what}: the server says without end that more follows, and sends nothing new`,
    );
  }
}

function isEndless({ idle, continuation }: Past): boolean {
  return continuation !== undefined && idle >= MOST_IDLE;
}

function isTold({ known, isComplete }: Past): boolean {
  return isComplete && known.length === 0;
}

/** The values before which nothing can come any more, oldest first; takes them away. */
function ripe(pasts: readonly Past[]): readonly Reading[] {
  const ends = pasts.filter(({ isComplete }) => !isComplete).map(({ known }) => known.at(-1)?.sourceTime ?? -Infinity);
  const horizon = Math.min(Infinity, ...ends);
  const told: Reading[] = [];
  for (const past of pasts) {
    const later = past.known.findIndex(({ sourceTime }) => (sourceTime ?? 0) > horizon);
    const end = later < 0 ? past.known.length : later;
    told.push(...past.known.slice(0, end));
    past.known = past.known.slice(end);
  }
  return told.sort(byTime);
}

function byTime(one: Reading, other: Reading): number {
  return (one.sourceTime ?? 0) - (other.sourceTime ?? 0);
}

type Question = { readonly span: TimeSpan; readonly count: number; readonly refusals: Map<Past, string> };

/** Reads the next values of each. */
async function readOn(
  services: Services,
  pasts: readonly Past[],
  { span, count, refusals }: Question,
  signal: AbortSignal,
): Promise<void> {
  // Whoever goes on from a continuation point asks the same question as before; the others have questions of their own.
  const groups = Map.groupBy(pasts, ({ continuation, from }) => (continuation === undefined ? from : 'continued'));
  for (const [start, group] of groups) {
    const from = typeof start === 'number' ? start : (group[0]?.from ?? 0);
    const results = await services.ask(
      'a history read',
      () => send(services, group, { from, to: span.to, count }),
      signal,
    );
    for (const [index, past] of group.entries()) take(past, results[index], { services, refusals, span });
  }
}

async function send(
  { library, session }: Services,
  pasts: readonly Past[],
  { from, to, count, isEnd = false }: TimeSpan & { readonly count: number; readonly isEnd?: boolean },
): Promise<readonly Library.HistoryReadResult[]> {
  const { HistoryReadRequest, ReadRawModifiedDetails, TimestampsToReturn } = library;
  const response = await session.historyRead(
    new HistoryReadRequest({
      historyReadDetails: new ReadRawModifiedDetails({
        isReadModified: false,
        startTime: dateOf(from),
        endTime: dateOf(to),
        numValuesPerNode: count,
        returnBounds: false,
      }),
      timestampsToReturn: TimestampsToReturn.Both,
      releaseContinuationPoints: isEnd,
      nodesToRead: pasts.map(({ nodeId, continuation, item }) => ({
        nodeId: library.coerceNodeId(nodeId),
        ...(continuation !== undefined && { continuationPoint: continuation }),
        ...(item.point.address.index !== undefined && {
          indexRange: new library.NumericRange(item.point.address.index),
        }),
      })),
    }),
  );
  return response.results ?? [];
}

/** Takes what the server answered for one point. */
function take(
  past: Past,
  result: Library.HistoryReadResult | undefined,
  { services, refusals, span }: Omit<Question, 'count'> & { readonly services: Services },
): void {
  if (result === undefined || result.statusCode.isBad()) {
    refuse(past, result, refusals);
    return;
  }
  const values = valuesIn(result.historyData);
  past.known = isRepeated(past, values) ? [] : readingsOf(past, values, { services, span });
  past.from = past.known.at(-1)?.sourceTime ?? past.from;
  past.continuation = continuationOf(result);
  past.idle = past.known.length > 0 ? 0 : past.idle + 1;
  past.isComplete = past.continuation === undefined || isEndless(past);
}

function refuse(past: Past, result: Library.HistoryReadResult | undefined, refusals: Map<Past, string>): void {
  const name = result?.statusCode.name ?? 'no answer for it';
  past.isComplete = past.continuation === undefined || !forgetful.includes(name);
  past.continuation = undefined;
  if (past.isComplete) refusals.set(past, `${past.item.point.id}: ${name}`);
}

/** Whether this portion came before; it is known from now on. */
function isRepeated({ seen, continuation }: Past, values: readonly Library.DataValue[]): boolean {
  const [first, last] = [values[0], values.at(-1)].map((value) => value?.sourceTimestamp?.getTime());
  const portion = `${first} ${last} ${values.length}`;
  const isKnown = seen.has(portion) && continuation !== undefined;
  seen.add(portion);
  return isKnown;
}

/** The values as readings of the past, oldest first, which not every server does; what was read already is left out. */
function readingsOf(
  { item, continuation, from }: Past,
  values: readonly Library.DataValue[],
  { services, span }: { readonly services: Services; readonly span: TimeSpan },
): Reading[] {
  const arrival = arrivalAt(services);
  return values
    .map((value) => readingOf(item.point, dataValueOf(value), arrival, item.names))
    .filter(({ sourceTime }) => isWithin(sourceTime, span) && (continuation !== undefined || sourceTime > from))
    .map((reading): Reading =>
      reading.quality === 'good' && reading.reason === undefined ? { ...reading, reason: 'historical' } : reading,
    )
    .sort(byTime);
}

function isWithin(time: number | null, { from, to }: TimeSpan): time is number {
  return time !== null && time >= from && time <= to;
}

function continuationOf({ continuationPoint }: Library.HistoryReadResult): Buffer | undefined {
  return Buffer.isBuffer(continuationPoint) && continuationPoint.length > 0 ? continuationPoint : undefined;
}

function valuesIn(data: unknown): readonly Library.DataValue[] {
  return hasValues(data) ? data.dataValues : [];
}

function hasValues(data: unknown): data is { readonly dataValues: readonly Library.DataValue[] } {
  return typeof data === 'object' && data !== null && 'dataValues' in data && Array.isArray(data.dataValues);
}

/** Lets the server forget where we were: it can remember few such places. */
async function release(services: Services, pasts: readonly Past[], signal: AbortSignal): Promise<void> {
  const open = pasts.filter(({ continuation }) => continuation !== undefined);
  if (open.length === 0 || signal.aborted) return;
  const forget = (): Promise<unknown> => send(services, open, { from: 0, to: 0, count: 0, isEnd: true });
  await services.ask('the end of a history read', forget, signal).catch(() => undefined); // it forgets by itself, later
}
