import { defineDriver } from '../../src/collect/driver.ts';
import type { ValueType } from '../../src/model/point.ts';
import { BOOL } from './address.ts';
import type { RegisterType } from './address.ts';
import { Link } from './link.ts';
import { forecastBusTime, printBlock } from './plan.ts';
import { connectionSchema, deviceSchema, pointSchema } from './schema.ts';
import type { ConnectionSettings, DeviceSettings, PointAddress } from './schema.ts';
import { ModbusSession, planDevice } from './session.ts';
import { simulate } from './simulate.ts';

/** Modbus over TCP: see README.md in this folder. */
export const modbus = defineDriver<ConnectionSettings, DeviceSettings, PointAddress>({
  name: 'modbus',
  numbering: { tcp: 2, tls: 2, udp: 2 }, // the transaction
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: ({ read, type = BOOL }) => ({
    type: valueType(type),
    writable: read.table === 'coil' || read.table === 'holding',
  }),
  plan: (connection, device, points) => {
    const blocks = planDevice(device, points);
    return { requests: blocks.map(printBlock), busTime: forecastBusTime(blocks, connection.pause) };
  },
  open: async (connection, devices, context, signal) => {
    // What cannot be read from its device is a fault of the configuration, and told before anything is sent.
    for (const device of devices) planDevice(device, device.points);
    return new ModbusSession(await Link.open(connection, context, signal), context);
  },
  simulate,
});

const NARROWED = { bcd16: 'uint16', bcd32: 'uint32', bits: 'uint16' } as const;

function valueType({ name }: RegisterType): ValueType {
  return name === 'bcd16' || name === 'bcd32' || name === 'bits' ? NARROWED[name] : name;
}
