import { asGatewayError, type ErrorCode } from '../../model/errors.ts';
import type { ValueType } from '../../model/point.ts';
import type { Library } from '../../wire/opcua-library.ts';
import type { ServedWrite } from '../server.ts';
import { dataTypes, decodeValue } from './values.ts';
import type { Variables } from './variables.ts';

/** Status codes of the Write service (Part 4, 5.11.4) for what may become of a write. */
const codes: { readonly [Code in ErrorCode]?: 'BadOutOfRange' | WriteStatus } = {
  'write-refused': 'BadOutOfRange',
  'write-differs': 'BadDeviceFailure',
  'device-refused': 'BadDeviceFailure',
  'no-answer': 'BadTimeout', // nobody knows whether the device did it
  'answer-malformed': 'BadCommunicationError',
  'connection-failed': 'BadNoCommunication',
  'connection-lost': 'BadNoCommunication',
  'port-missing': 'BadNoCommunication',
  'bus-busy': 'BadResourceUnavailable',
  usage: 'BadNotWritable',
};

type WriteStatus =
  | 'BadDeviceFailure'
  | 'BadTimeout'
  | 'BadCommunicationError'
  | 'BadNoCommunication'
  | 'BadResourceUnavailable'
  | 'BadNotWritable';

/** Hands writes of clients to the gateway; what the value must be is for its rules to say. */
export function writer(
  ua: typeof Library,
  { server, write }: { readonly server: string; readonly write: (write: ServedWrite) => Promise<void> },
): Variables['write'] {
  return async ({ point, value, user }) => {
    const given = isOfType(ua, point.type, value) ? decodeValue(point.type, value.value) : undefined;
    if (given === undefined) return ua.StatusCodes.BadTypeMismatch;
    try {
      await write({ point, value: given, by: `${user} at ${server}` });
      return ua.StatusCodes.Good;
    } catch (error) {
      return ua.StatusCodes[codes[asGatewayError(error, 'failed').code] ?? 'BadInternalError'];
    }
  };
}

function isOfType(ua: typeof Library, type: ValueType, { dataType, arrayType }: Library.Variant): boolean {
  return dataType === ua.DataType[dataTypes[type]] && arrayType === ua.VariantArrayType.Scalar;
}
