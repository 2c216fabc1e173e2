import { join } from 'node:path';
import {
  AttributeIds,
  BrowseDirection,
  ClientMonitoredItem,
  ClientSubscription,
  coerceNodeId,
  DataType,
  HistoryData,
  HistoryReadRequest,
  HistoryReadResult,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  ReadRawModifiedDetails,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  TimestampsToReturn,
  UserTokenType,
  Variant,
  VariantArrayType,
  type ClientSession,
  type DataValue,
} from 'node-opcua';
import type { Asked, ClientSettings, Shown, ShownVariant } from './opcua-client.ts';

// An OPC UA client in a process of its own: takes one request after another from its parent, and answers each.

setErrorLogger(() => undefined);
setWarningLogger(() => undefined);

const state: { client?: OPCUAClient; session?: ClientSession; namespace?: number } = {};

function shown(variant: Variant): ShownVariant {
  const type = DataType[variant.dataType];
  const { value } = variant;
  if (variant.arrayType === VariantArrayType.Array) return { type, value: [...value].map(plain) };
  return { type, value: plain(value) };
}

/** What JSON can hold of a value. */
function plain(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function') {
    return value.toJSON();
  }
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function shownValue(data: DataValue): Shown {
  return {
    ...shown(data.value),
    status: data.statusCode.name,
    sourceTime: data.sourceTimestamp?.getTime() ?? null,
    serverTime: data.serverTimestamp?.getTime() ?? null,
  };
}

/** `device/point` of the gateway, or whatever else names a node. */
function node(id: string): string {
  return /^(ns|i|s)=/.test(id) ? id : `ns=${state.namespace};s=${id}`;
}

function session(): ClientSession {
  if (state.session === undefined) throw new Error('there is no session');
  return state.session;
}

async function connect({ endpoint, folder, policy, mode, user, namespace }: ClientSettings): Promise<void> {
  const clientCertificateManager = new OPCUACertificateManager({
    rootFolder: join(folder, 'pki'),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await clientCertificateManager.initialize();
  const client = OPCUAClient.create({
    applicationName: 'test',
    applicationUri: 'urn:test:client',
    clientCertificateManager,
    securityPolicy: SecurityPolicy[policy],
    securityMode: MessageSecurityMode[mode],
    connectionStrategy: { maxRetry: 0, initialDelay: 10, maxDelay: 10 },
    endpointMustExist: false,
    requestedSessionTimeout: 60_000,
  });
  state.client = client;
  await client.createDefaultCertificate();
  await client.connect(endpoint);
  state.session = await client.createSession(
    user === undefined
      ? { type: UserTokenType.Anonymous }
      : { type: UserTokenType.UserName, userName: user.name, password: user.password },
  );
  const namespaces = await state.session.readNamespaceArray();
  state.namespace = namespaces.indexOf(namespace);
}

async function close(): Promise<void> {
  await state.session?.close().catch(() => undefined);
  await state.client?.disconnect().catch(() => undefined);
}

async function read(ids: readonly string[], attribute: keyof typeof AttributeIds = 'Value'): Promise<Shown[]> {
  const nodes = ids.map((id) => ({ nodeId: node(id), attributeId: AttributeIds[attribute] }));
  return (await session().read(nodes)).map(shownValue);
}

async function browse(id: string): Promise<{ name: string; id: string; type: string }[]> {
  const { references } = await session().browse({
    nodeId: node(id),
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: 'HierarchicalReferences',
    includeSubtypes: true,
    resultMask: 63,
  });
  return (references ?? []).map(({ browseName, nodeId, typeDefinition }) => ({
    name: browseName.name ?? '',
    id: nodeId.toString(),
    type: typeDefinition.toString(),
  }));
}

type HistoryAsked = Extract<Asked, { do: 'history' }>;

function date(time: number | undefined): Date | null {
  return time === undefined ? null : new Date(time);
}

async function history({ id, start, end, values = 0, continuation, bounds = false }: HistoryAsked) {
  const details = new ReadRawModifiedDetails({
    isReadModified: false,
    returnBounds: bounds,
    numValuesPerNode: values,
    startTime: date(start),
    endTime: date(end),
  });
  const request = new HistoryReadRequest({
    historyReadDetails: details,
    nodesToRead: [
      { nodeId: node(id), ...(continuation && { continuationPoint: Buffer.from(continuation, 'base64') }) },
    ],
    releaseContinuationPoints: false,
    timestampsToReturn: TimestampsToReturn.Both,
  });
  const { results } = await session().historyRead(request);
  return shownHistory(results?.[0] ?? new HistoryReadResult());
}

function shownHistory({ statusCode, historyData, continuationPoint }: HistoryReadResult) {
  const values = historyData instanceof HistoryData ? (historyData.dataValues ?? []) : [];
  return {
    status: statusCode.name,
    values: values.map(shownValue),
    continuation: continuationPoint?.toString('base64'),
  };
}

async function write({ id, type, value }: Extract<Asked, { do: 'write' }>): Promise<string> {
  const status = await session().write({
    nodeId: node(id),
    attributeId: AttributeIds.Value,
    value: { value: { dataType: DataType[type], value } },
  });
  return status.name;
}

/** Sends `{ changed: … }` for every change from now on. */
async function subscribe({ ids, sampling, queueSize = 100 }: Extract<Asked, { do: 'subscribe' }>) {
  const subscription = ClientSubscription.create(session(), {
    requestedPublishingInterval: 50,
    requestedLifetimeCount: 1_000,
    requestedMaxKeepAliveCount: 20,
    maxNotificationsPerPublish: 1_000,
    publishingEnabled: true,
    priority: 1,
  });
  await new Promise((resolve) => subscription.once('started', resolve));
  const revised = [];
  for (const id of ids) {
    const item = ClientMonitoredItem.create(
      subscription,
      { nodeId: coerceNodeId(node(id)), attributeId: AttributeIds.Value },
      { samplingInterval: sampling, queueSize, discardOldest: true },
      TimestampsToReturn.Both,
    );
    item.on('changed', (data) => process.send?.({ changed: { id, ...shownValue(data) } }));
    await new Promise((resolve) => item.once('initialized', () => resolve(undefined)));
    revised.push({ samplingInterval: item.result?.revisedSamplingInterval, queueSize: item.result?.revisedQueueSize });
  }
  return revised;
}

async function endpoints(url: string) {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });
  await client.connect(url);
  const described = await client.getEndpoints();
  await client.disconnect();
  return described.map(({ securityPolicyUri, securityMode, userIdentityTokens }) => ({
    policy: securityPolicyUri?.split('#')[1],
    mode: MessageSecurityMode[securityMode],
    users: userIdentityTokens?.map(({ tokenType }) => UserTokenType[tokenType]),
  }));
}

async function perform(asked: Asked): Promise<unknown> {
  switch (asked.do) {
    case 'connect':
      return connect(asked.settings);
    case 'close':
      return close();
    case 'read':
      return read(asked.ids, asked.attribute);
    case 'browse':
      return browse(asked.id);
    case 'history':
      return history(asked);
    case 'write':
      return write(asked);
    case 'subscribe':
      return subscribe(asked);
    case 'endpoints':
      return endpoints(asked.url);
  }
}

process.on('message', ({ number, asked }: { number: number; asked: Asked }) => {
  perform(asked).then(
    (answer) => process.send?.({ number, answer }),
    (error: unknown) => process.send?.({ number, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
