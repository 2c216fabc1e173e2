import { defineDriver } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { ValueType } from '../../src/model/point.ts';
import { BOOL } from './address.ts';
import type { RegisterType } from './address.ts';
import { connectionSchema, deviceSchema, pointSchema } from './schema.ts';
import type { ConnectionSettings, DeviceSettings, PointAddress } from './schema.ts';

/** Modbus over TCP: see README.md in this folder. */
export const modbus = defineDriver<ConnectionSettings, DeviceSettings, PointAddress>({
  name: 'modbus',
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: ({ read, type = BOOL }) => ({
    type: valueType(type),
    writable: read.table === 'coil' || read.table === 'holding',
  }),
  open: () => Promise.reject(new GatewayError('connection-failed', 'not yet')),
});

const NARROWED = { bcd16: 'uint16', bcd32: 'uint32', bits: 'uint16' } as const;

function valueType({ name }: RegisterType): ValueType {
  return name === 'bcd16' || name === 'bcd32' || name === 'bits' ? NARROWED[name] : name;
}
