import { defineDriver } from '../../src/collect/driver.ts';
import { connectionSchema, deviceSchema, pointSchema } from './schema.ts';
import type { ConnectionSettings, DeviceSettings, PointAddress } from './schema.ts';
import { OpcuaSession } from './session.ts';

/** OPC UA, by subscriptions: see README.md in this folder. The stack is loaded when a connection is opened. */
export const opcua = defineDriver<ConnectionSettings, DeviceSettings, PointAddress, OpcuaSession>({
  name: 'opcua',
  schemas: { connection: connectionSchema, device: deviceSchema, point: pointSchema },
  ownPointKeys: ['deadband'], // which the server watches
  describe: ({ type, member }) => ({ type, writable: member === undefined }),
  open: (connection, devices, context, signal) => OpcuaSession.open(connection, devices, context, signal),
});
