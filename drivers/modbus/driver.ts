import { defineDriver } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { ValueType } from '../../src/model/point.ts';
import { alternatives } from './alternatives.ts';
import { BOOL } from './address.ts';
import type { RegisterType } from './address.ts';
import { connectionSchema } from './connection-schema.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import { forecastBusTime, forecastRequests } from './forecast.ts';
import { Link } from './link.ts';
import { place, rangeOf } from './place.ts';
import { printBlock } from './plan.ts';
import type { Block } from './plan.ts';
import { recognitions } from './recognition.ts';
import { scanSettings } from './scan-settings.ts';
import { deviceSchema, pointSchema } from './schema.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { ModbusSession, planDevice } from './session.ts';
import type { Device, Points } from './session.ts';
import { simulate } from './simulate.ts';
import { transportOf } from './transport.ts';

/** Modbus over every transport that it has: see README.md in this folder. */
export const modbus = defineDriver<ConnectionSettings, DeviceSettings, PointAddress>({
  name: 'modbus',
  discovers: true,
  numbering: { tcp: 2, tls: 2, udp: 2 }, // the transaction
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  describe: ({ read, type = BOOL, scaleFrom, factor }) => {
    const writable = read.table === 'coil' || read.table === 'holding';
    // Scaled values have decimals, or the places of a whole 64-bit number.
    if (scaleFrom !== undefined || factor !== undefined) return { type: 'float64', writable };
    const range = rangeOf(type);
    return { type: valueType(type), writable, ...(range === undefined ? {} : { range }) };
  },
  place,
  isBroadcast: isHeardByAll,
  insecurity: (connection) => ('tls' in connection ? connection.tls.allowInsecure : undefined),
  plan: (connection, device, points) => {
    const blocks = planReadable(connection, device, points);
    const times = forecastRequests(blocks, connection);
    return {
      requests: blocks.map(printBlock),
      busTime: forecastBusTime(times, connection),
    };
  },
  open: async (connection, devices, context, signal) => {
    // What cannot be read from its device is a fault of the configuration, and told before anything is sent.
    for (const device of devices) planReadable(connection, device, device.points);
    return new ModbusSession(await Link.open(connection, context, signal), context);
  },
  alternatives,
  scanSettings,
  recognitions,
  simulate,
});

/** MODBUS over Serial Line 1.02, 2.1: unit 0 is all units of a line, which take what is written and do not answer. */
function isHeardByAll(connection: ConnectionSettings, { unit }: DeviceSettings): boolean {
  return unit === 0 && !transportOf(connection).framing.numbered;
}

/** The requests of one round; throws `configuration-invalid` where there can be none. */
function planReadable(connection: ConnectionSettings, device: Device, points: Points): readonly Block[] {
  if (points.length > 0 && isHeardByAll(connection, device.settings)) {
    const message =
      'unit 0 is the broadcast of a serial line: all units hear it and none answers, so it cannot be read';
    throw new GatewayError('configuration-invalid', `${device.id}: ${message}`);
  }
  return planDevice(device, points);
}

const NARROWED = { bcd16: 'uint16', bcd32: 'uint32', bits: 'uint16', network: 'string' } as const;

function valueType({ name }: RegisterType): ValueType {
  return isNarrowed(name) ? NARROWED[name] : name;
}

function isNarrowed(name: RegisterType['name']): name is keyof typeof NARROWED {
  return Object.hasOwn(NARROWED, name);
}
