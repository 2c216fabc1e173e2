import { dateOf } from '../../model/clock.ts';
import { opcuaStatusOf } from '../../model/opcua-status.ts';
import type { ValueType } from '../../model/point.ts';
import type { Library } from '../../wire/opcua-library.ts';
import type { TimedReading } from '../server.ts';
import { dataTypes, encodeValue } from './values.ts';

/**
 * A reading as a DataValue: the source's time is the device's where it gave one, the server's is when we received it. A
 * value that is none of its point's type is bad, and not told.
 */
export function dataValueOf(ua: typeof Library, type: ValueType, reading: TimedReading): Library.DataValue {
  const { sourceTime, receivedTime, value } = reading;
  const encoded = value === null ? undefined : encodeValue(type, value);
  const isWrong = value !== null && encoded === undefined;
  return new ua.DataValue({
    value:
      encoded === undefined
        ? { dataType: ua.DataType.Null }
        : { dataType: ua.DataType[dataTypes[type]], arrayType: ua.VariantArrayType.Scalar, value: encoded },
    statusCode: ua.StatusCodes[isWrong ? 'BadTypeMismatch' : opcuaStatusOf(reading).symbol],
    sourceTimestamp: dateOf(sourceTime ?? receivedTime),
    serverTimestamp: dateOf(receivedTime),
  });
}

/** Of a point that has not been read since the start. */
export function notReadYet(ua: typeof Library, now: number): Library.DataValue {
  return new ua.DataValue({
    statusCode: ua.StatusCodes.BadWaitingForInitialData,
    sourceTimestamp: dateOf(now),
    serverTimestamp: dateOf(now),
  });
}
