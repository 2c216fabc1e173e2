import type { HistoricReading, HistoryPage } from '../../journal/journal.ts';
import type { Clock } from '../../model/clock.ts';
import { asGatewayError } from '../../model/errors.ts';
import type { PointDefinition } from '../../model/point.ts';
import type { Library } from '../../wire/opcua-library.ts';
import { dataValueOf } from './data-values.ts';
import { decodeContinuation, encodeContinuation, type HistoryRequest } from './history-point.ts';
import type { HistoryOfPoint } from './messages.ts';

type Details = Parameters<Library.HistoryReadFunc>[1];

// One answer holds no more values of a node, whatever a client asks for: 50 nodes of them are a few megabytes.
const MOST_VALUES = 2_000;

// Nor does it keep a client waiting longer, milliseconds: it then gets what there is and goes on.
const LONGEST_SEARCH = 2_000;

/** Answers HistoryRead of raw values from the journal (OPC UA Part 11, 6.4.3), one node after another. */
export class HistoryReader {
  readonly #ua: typeof Library;
  readonly #history: (asked: HistoryOfPoint) => Promise<HistoryPage>;
  readonly #clock: Clock;
  /** Settles when all that was asked before has been answered: the journal has commits to make too. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ua: typeof Library, history: (asked: HistoryOfPoint) => Promise<HistoryPage>, clock: Clock) {
    this.#ua = ua;
    this.#history = history;
    this.#clock = clock;
  }

  /** Never rejects. */
  read(
    point: PointDefinition,
    details: Details,
    continuation: Library.ContinuationData,
  ): Promise<Library.HistoryReadResult> {
    const request = this.#requestOf(details, continuation);
    if (typeof request === 'string') return Promise.resolve(this.#status(request));
    const answer = this.#turn.then(() => this.#answer(point, request));
    this.#turn = answer;
    return answer;
  }

  /** What is asked for, or the name of the status code that refuses it. */
  #requestOf(details: Details, { continuationPoint, releaseContinuationPoints }: Library.ContinuationData) {
    const { ReadRawModifiedDetails } = this.#ua;
    if (releaseContinuationPoints === true) return 'Good'; // there is nothing to release
    if (continuationPoint !== undefined && continuationPoint !== null && continuationPoint.length > 0) {
      return decodeContinuation(continuationPoint) ?? 'BadContinuationPointInvalid';
    }
    if (!(details instanceof ReadRawModifiedDetails) || details.isReadModified) return 'BadHistoryOperationUnsupported';
    if (details.returnBounds) return 'BadBoundNotSupported';
    return requestOfTimes({
      start: timeOf(details.startTime),
      end: timeOf(details.endTime),
      values: details.numValuesPerNode,
    });
  }

  async #answer(point: PointDefinition, request: HistoryRequest): Promise<Library.HistoryReadResult> {
    try {
      const { readings, next } = await this.#gather(point, request);
      const { HistoryData, HistoryReadResult, StatusCodes } = this.#ua;
      const dataValues = readings.map((reading) => dataValueOf(this.#ua, point.type, reading));
      return new HistoryReadResult({
        statusCode: dataValues.length === 0 && next === undefined ? StatusCodes.GoodNoData : StatusCodes.Good,
        historyData: new HistoryData({ dataValues }),
        ...(next === undefined ? {} : { continuationPoint: encodeContinuation(request, next) }),
      });
    } catch (error) {
      const { code } = asGatewayError(error, 'failed');
      return this.#status(code === 'journal-corrupt' ? 'BadDataLost' : 'BadInternalError');
    }
  }

  async #gather(point: PointDefinition, request: HistoryRequest) {
    const deadline = this.#clock.monotonic() + LONGEST_SEARCH;
    const readings: HistoricReading[] = [];
    let { at: next } = request;
    do {
      const asked = { ...request, point, most: request.most - readings.length };
      const page = await this.#history(next === undefined ? asked : { ...asked, at: next });
      readings.push(...page.readings);
      next = page.next;
    } while (next !== undefined && readings.length < request.most && this.#clock.monotonic() < deadline);
    return { readings: inOrderOfTime(readings, request.newestFirst), next };
  }

  #status(name: HistoryStatus): Library.HistoryReadResult {
    return new this.#ua.HistoryReadResult({ statusCode: this.#ua.StatusCodes[name] });
  }
}

/** What a device had kept stands in the journal behind what came before it did; in an answer it is at its time. */
function inOrderOfTime(readings: readonly HistoricReading[], newestFirst: boolean): readonly HistoricReading[] {
  const sign = newestFirst ? -1 : 1;
  return readings.toSorted((one, other) => sign * (ownTime(one) - ownTime(other)));
}

function ownTime({ sourceTime, receivedTime }: HistoricReading): number {
  return sourceTime ?? receivedTime;
}

type HistoryStatus =
  | 'Good'
  | 'BadContinuationPointInvalid'
  | 'BadHistoryOperationUnsupported'
  | 'BadBoundNotSupported'
  | 'BadInvalidTimestampArgument'
  | 'BadDataLost'
  | 'BadInternalError';

type Times = {
  /** Wall milliseconds; undefined where it is not given. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** 0 for all. */
  readonly values: number;
};

/** Part 11, 6.4.3.2: of start, end and number two are given; time flows back from a start behind the end, or to an end alone. */
function requestOfTimes({ start, end, values }: Times): HistoryRequest | HistoryStatus {
  const given = [start !== undefined, end !== undefined, values > 0].filter(Boolean).length;
  if (given < 2) return 'BadInvalidTimestampArgument';
  const most = values === 0 ? MOST_VALUES : Math.min(values, MOST_VALUES);
  if (start === undefined) return { from: -Infinity, to: end ?? Infinity, newestFirst: true, most };
  if (end === undefined || end >= start) return { from: start, to: end ?? Infinity, newestFirst: false, most };
  return { from: end, to: start, newestFirst: true, most };
}

// OPC UA's time begins in 1601; that instant, and what lies before, says that none is given (Part 6, 5.2.2.5).
const FIRST_TIME = -11_644_473_600_000; // milliseconds from 1970

function timeOf(date: Date | null | undefined): number | undefined {
  const time = date?.getTime();
  return time === undefined || Number.isNaN(time) || time <= FIRST_TIME ? undefined : time;
}
