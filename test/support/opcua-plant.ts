// The far end of the OPC UA tests, in a process of its own: node-opcua's server with one node of every kind. It is told
// what to do by messages, and answers each with a message of the same number.
import {
  DataType,
  DataValue,
  LocalizedText,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  Range,
  Variant,
  VariantArrayType,
  makeEUInformation,
  nodesets,
  setErrorLogger,
  setWarningLogger,
  type Namespace,
  type NodeId,
  type UAVariable,
} from 'node-opcua';
import { neverEnding } from './opcua-plant-endless.ts';
import { addEngineering } from './opcua-plant-units.ts';
import type { PlantCommand, PlantOptions } from './opcua-server.ts';

setWarningLogger(() => undefined);
setErrorLogger(() => undefined);

const options = JSON.parse(process.argv[2] ?? '{}') as PlantOptions;
const { user = { name: 'weir', password: 'right' } } = options;

const manager = new OPCUACertificateManager({
  rootFolder: options.folder,
  automaticallyAcceptUnknownCertificate: options.acceptsClients ?? true,
  disableFileWatchers: true,
});
await manager.initialize();

const server = new OPCUAServer({
  port: options.port ?? 0,
  hostname: '127.0.0.1',
  serverCertificateManager: manager,
  userCertificateManager: manager,
  nodeset_filename: [nodesets.standard],
  allowAnonymous: options.allowAnonymous ?? true,
  securityModes: [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
  securityPolicies: (
    options.policies ?? ['None', 'Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss']
  ).map((name) => SecurityPolicy[name as keyof typeof SecurityPolicy]),
  userManager: { isValidUser: (name: string, password: string) => name === user.name && password === user.password },
  buildInfo: { productName: 'Plant', manufacturerName: 'Weir tests', softwareVersion: '1.2', buildNumber: '3' },
  serverInfo: { applicationUri: 'urn:weir:test:plant' },
  maxAllowedSessionNumber: options.maxSessions ?? 100,
  serverCapabilities: {
    maxSessions: options.maxSessions ?? 100,
    ...(options.maxSubscriptions !== undefined && { maxSubscriptions: options.maxSubscriptions }),
    operationLimits: {
      maxNodesPerRead: options.maxNodesPerRead ?? 1_000,
      maxMonitoredItemsPerCall: options.maxItemsPerCall ?? 1_000,
      maxNodesPerBrowse: 100,
    },
  },
  skipOwnNamespace: false,
});
await server.initialize();

const { addressSpace } = server.engine;
if (addressSpace === null) throw new Error('no address space');
for (let extra = 0; extra < (options.namespacesBefore ?? 0); extra++) {
  addressSpace.registerNamespace(`urn:weir:other:${extra}`);
}
const plant: Namespace = addressSpace.registerNamespace('urn:weir:plant');
const folder = plant.addObject({
  organizedBy: addressSpace.rootFolder.objects,
  browseName: 'Plant',
  nodeId: 's=Plant',
});
const variables = new Map<string, UAVariable>();

type Initial = {
  readonly type: DataType;
  readonly value: unknown;
  readonly array?: VariantArrayType;
  readonly dimensions?: number[];
  readonly writable?: true;
  readonly dataType?: string;
  /** Told of as it changes, rather than when the server looks. */
  readonly isMoving?: true;
};

function variantOf({ type, value, array, dimensions }: Initial): Variant {
  return new Variant({
    dataType: type,
    arrayType: array ?? VariantArrayType.Scalar,
    value,
    ...(dimensions !== undefined && { dimensions }),
  });
}

function add(name: string, initial: Initial): UAVariable {
  const variable = plant.addVariable({
    componentOf: folder,
    browseName: name,
    nodeId: `s=${name}`,
    dataType: initial.dataType ?? DataType[initial.type],
    valueRank: initial.array === undefined ? -1 : initial.array === VariantArrayType.Matrix ? 2 : 1,
    ...(initial.dimensions !== undefined && { arrayDimensions: initial.dimensions }),
    ...(initial.array === VariantArrayType.Array && { arrayDimensions: [0] }),
    minimumSamplingInterval: initial.isMoving === true ? 0 : 50,
    ...(initial.writable === true ? {} : { accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead' }),
  });
  variable.setValueFromSource(variantOf(initial));
  variables.set(name, variable);
  return variable;
}

const kinds: Record<string, Initial> = {
  Bool: { type: DataType.Boolean, value: true, writable: true },
  SByte: { type: DataType.SByte, value: -128 },
  Byte: { type: DataType.Byte, value: 255, writable: true },
  Int16: { type: DataType.Int16, value: -32_768, writable: true },
  UInt16: { type: DataType.UInt16, value: 65_535 },
  Int32: { type: DataType.Int32, value: -2_147_483_648, writable: true },
  UInt32: { type: DataType.UInt32, value: 4_294_967_295 },
  Int64Least: { type: DataType.Int64, value: [0x8000_0000, 0], writable: true },
  Int64Greatest: { type: DataType.Int64, value: [0x7fff_ffff, 0xffff_ffff] },
  UInt64Greatest: { type: DataType.UInt64, value: [0xffff_ffff, 0xffff_ffff] },
  Float: { type: DataType.Float, value: 0.5 },
  Double: { type: DataType.Double, value: 21.5, writable: true },
  NaN: { type: DataType.Double, value: NaN },
  Text: { type: DataType.String, value: 'läuft', writable: true },
  NoText: { type: DataType.String, value: null },
  Localized: { type: DataType.LocalizedText, value: new LocalizedText({ text: 'Kessel', locale: 'de' }) },
  Time: { type: DataType.DateTime, value: new Date('2026-11-22T09:15:00Z') },
  Guid: { type: DataType.Guid, value: '72962B91-FA75-4AE6-8D28-B404DC7DAF63' },
  Bytes: { type: DataType.ByteString, value: Buffer.from('01ff', 'hex') },
  State: { type: DataType.Int32, value: 1, dataType: 'ServerState', writable: true },
  Doubles: {
    type: DataType.Double,
    value: new Float64Array([1.5, 2.5, 3.5]),
    array: VariantArrayType.Array,
    writable: true,
  },
  Int64s: {
    type: DataType.Int64,
    value: [
      [0, 1],
      [0xffff_ffff, 0xffff_ffff],
    ],
    array: VariantArrayType.Array,
  },
  Matrix: {
    type: DataType.Int32,
    value: new Int32Array([1, 2, 3, 4, 5, 6]),
    array: VariantArrayType.Matrix,
    dimensions: [2, 3],
  },
  Range: { type: DataType.ExtensionObject, value: new Range({ low: -5, high: 40 }), dataType: 'Range' },
  Unit: {
    type: DataType.ExtensionObject,
    value: makeEUInformation('°C', 'degree Celsius', 'Celsius'),
    dataType: 'EUInformation',
  },
};

for (const [name, initial] of Object.entries(kinds)) add(name, initial);

const bad = add('Bad', { type: DataType.Double, value: 1 });
bad.setValueFromSource(new Variant({ dataType: DataType.Double, value: 1 }), StatusCodes.BadSensorFailure);
const uncertain = add('Uncertain', { type: DataType.Double, value: 2 });
uncertain.setValueFromSource(
  new Variant({ dataType: DataType.Double, value: 2 }),
  StatusCodes.UncertainEngineeringUnitsExceeded,
);
for (const [name, time] of [
  ['Born1601', '1601-01-01T00:00:00Z'],
  ['Born2099', '2099-06-01T00:00:00Z'],
] as const) {
  add(name, { type: DataType.Double, value: 3 }).setValueFromSource(
    new Variant({ dataType: DataType.Double, value: 3 }),
    StatusCodes.Good,
    new Date(time),
  );
}
const boiler = plant.addAnalogDataItem({
  componentOf: folder,
  browseName: 'Boiler',
  nodeId: 's=Boiler',
  dataType: 'Double',
  definition: '',
  engineeringUnits: makeEUInformation('°C', 'degree Celsius', 'Celsius'),
  engineeringUnitsRange: { low: 0, high: 100 },
  instrumentRange: { low: 0, high: 100 },
  description: 'Flow temperature of the boiler',
  valuePrecision: 0.1,
  minimumSamplingInterval: 50,
});
boiler.setValueFromSource(new Variant({ dataType: DataType.Double, value: 50 }));
variables.set('Boiler', boiler);

addEngineering(plant, folder);

const historical = add('Historical', { type: DataType.Double, value: 0 });
addressSpace.installHistoricalDataNode(historical, { maxOnlineValues: 100_000 });
historical.minimumSamplingInterval = 0;

const moving: UAVariable[] = [];
for (let index = 0; index < (options.moving?.count ?? 0); index++) {
  moving.push(add(`Moving${index}`, { type: DataType.Double, value: 0, isMoving: true }));
}

const endless = neverEnding(server);
await server.start();

let counted = 0;
let lag = 0;
let timer: NodeJS.Timeout | undefined;
if (options.moving !== undefined) {
  timer = setInterval(() => {
    counted += 1;
    const now = new Date();
    for (const variable of moving) {
      variable.setValueFromSource(new Variant({ dataType: DataType.Double, value: counted }), StatusCodes.Good, now);
    }
    lag = Date.now() - now.getTime();
  }, options.moving.interval);
}

function variableOf(name: string): UAVariable {
  const variable = variables.get(name);
  if (variable === undefined) throw new Error(`no variable ${name}`);
  return variable;
}

const actions: { [Name in PlantCommand['do']]: (command: Extract<PlantCommand, { do: Name }>) => unknown } = {
  set: ({ name, value, status, time }) => {
    const variable = variableOf(name);
    const { dataType, arrayType } = variable.readValue().value;
    variable.setValueFromSource(
      new Variant({ dataType, arrayType, value }),
      StatusCodes[(status ?? 'Good') as 'Good'],
      time === undefined ? new Date() : new Date(time),
    );
    return undefined;
  },
  value: ({ name }) => variableOf(name).readValue().value.value as unknown,
  dropSubscriptions: () => {
    for (const session of sessions()) {
      for (const id of session.publishEngine.subscriptions.map((each) => each.id)) {
        session.deleteSubscription(id);
      }
    }
  },
  loseItems: () => {
    for (const session of sessions()) {
      for (const subscription of session.publishEngine.subscriptions) {
        for (const id of subscription.getMonitoredItems().serverHandles) subscription.removeMonitoredItem(id);
      }
    }
  },
  closeSessions: () => {
    for (const session of sessions()) server.engine.closeSession(session.authenticationToken, true, 'Forcing');
  },
  remember: ({ from, step, count }) => {
    const history = historical as unknown as { _historyPush: (value: DataValue) => void };
    for (let index = 0; index < count; index++) {
      const time = new Date(from + index * step);
      const value = new Variant({ dataType: DataType.Double, value: index });
      history._historyPush(new DataValue({ value, sourceTimestamp: time, serverTimestamp: time }));
    }
  },
  neverEnd: ({ by }) => endless(by),
  figures: () => ({
    sessions: server.engine.currentSessionCount,
    subscriptions: server.engine.currentSubscriptionCount,
    counted,
    lag,
  }),
  stop: () => undefined,
};

/** What the server keeps of its clients, which it does not show. */
type ServedSession = {
  readonly authenticationToken: NodeId;
  readonly publishEngine: { readonly subscriptions: readonly ServedSubscription[] };
  deleteSubscription(id: number): void;
};
type ServedSubscription = {
  readonly id: number;
  getMonitoredItems(): { readonly serverHandles: Iterable<number> };
  removeMonitoredItem(id: number): void;
};

function sessions(): readonly ServedSession[] {
  const engine = server.engine as unknown as { readonly _sessions: Readonly<Record<string, ServedSession>> };
  return Object.values(engine._sessions);
}

process.on('message', ({ id, command }: { id: number; command: PlantCommand }) => {
  void (async () => {
    try {
      const action = actions[command.do] as (command: PlantCommand) => unknown;
      const answer = await action(command);
      process.send?.({ id, answer });
      if (command.do === 'stop') await stop();
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  })();
});
process.on('disconnect', () => void stop());

async function stop(): Promise<void> {
  clearInterval(timer);
  await server.shutdown(0);
  process.exit(0);
}

process.send?.({ ready: server.endpoints[0]?.port });
