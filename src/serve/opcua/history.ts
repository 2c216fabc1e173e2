import type { HistoricReading, HistoryPage } from '../../journal/journal.ts';
import { toldTime } from '../../model/told-time.ts';
import type { Clock } from '../../model/clock.ts';
import { asGatewayError } from '../../model/errors.ts';
import type { PointDefinition } from '../../model/point.ts';
import type { Library } from '../../wire/opcua-library.ts';
import { dataValueOf } from './data-values.ts';
import { decodeContinuation, encodeContinuation } from './history-point.ts';
import { freshRequest, historyInOrder, type AskHistory, type HistoryRequest } from './history-slices.ts';
import type { HistoryOfPoint } from './messages.ts';

type Details = Parameters<Library.HistoryReadFunc>[1];

// One answer holds no more values of a node, whatever a client asks for: 50 nodes of them are a few megabytes.
const MOST_VALUES = 2_000;

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
      const request = decodeContinuation(continuationPoint);
      if (request === undefined) return 'BadContinuationPointInvalid';
      return { ...request, most: Math.min(request.most, MOST_VALUES) }; // it is the client's word
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
      const ask: AskHistory = (asked) => this.#history({ ...asked, point });
      const { readings, next } = await historyInOrder(ask, request, this.#clock);
      const { HistoryData, HistoryReadResult, StatusCodes } = this.#ua;
      const dataValues = readings.map((reading) => dataValueOf(this.#ua, point.type, atToldTime(reading)));
      return new HistoryReadResult({
        statusCode: dataValues.length === 0 && next === undefined ? StatusCodes.GoodNoData : StatusCodes.Good,
        historyData: new HistoryData({ dataValues }),
        ...(next === undefined ? {} : { continuationPoint: encodeContinuation(next) }),
      });
    } catch (error) {
      const { code } = asGatewayError(error, 'failed');
      return this.#status(code === 'journal-corrupt' ? 'BadDataLost' : 'BadInternalError');
    }
  }

  #status(name: HistoryStatus): Library.HistoryReadResult {
    return new this.#ua.HistoryReadResult({ statusCode: this.#ua.StatusCodes[name] });
  }
}

/** A device's time that is far from ours is none that a reading could be found under: in its place stands ours. */
function atToldTime(reading: HistoricReading): HistoricReading {
  return { ...reading, sourceTime: toldTime(reading) };
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
  const newestFirst = start === undefined || (end !== undefined && end < start);
  const [begin = 0, until = newestFirst ? -Infinity : Infinity] = start === undefined ? [end] : [start, end];
  return freshRequest(begin, { newestFirst, until, most });
}

// OPC UA's time begins in 1601; that instant, and what lies before, says that none is given (Part 6, 5.2.2.5).
const FIRST_TIME = -11_644_473_600_000; // milliseconds from 1970

function timeOf(date: Date | null | undefined): number | undefined {
  const time = date?.getTime();
  return time === undefined || Number.isNaN(time) || time <= FIRST_TIME ? undefined : time;
}
