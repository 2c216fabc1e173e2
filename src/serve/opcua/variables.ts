import { callbackify } from 'node:util';
import type { PointDefinition } from '../../model/point.ts';
import type { Library } from '../../wire/opcua-library.ts';
import type { ServedPoint } from '../server.ts';
import { nodeOf, type EngineeringUnit, type PointNode, type States } from './nodes.ts';

/** What becomes of the services on the variables. */
export type Variables = {
  readonly read: (point: ServedPoint) => Library.DataValue;
  /** Never rejects; resolves with the status of the write. */
  readonly write: (write: VariableWrite) => Promise<Library.StatusCode>;
  /** Never rejects. */
  readonly history: (
    point: PointDefinition,
    details: Parameters<Library.HistoryReadFunc>[1],
    continuation: Library.ContinuationData,
  ) => Promise<Library.HistoryReadResult>;
};

type VariableWrite = {
  readonly point: PointDefinition;
  readonly value: Library.Variant;
  readonly user: string;
};

type Place = { readonly namespace: Library.Namespace; readonly folder: Library.UAObject };

// Clients that want every change get what has changed ten times a second; all of it is in the history.
const FASTEST_SAMPLING = 100; // milliseconds

const READING = 'CurrentRead | HistoryRead';

export function addPointNode(ua: typeof Library, place: Place, point: ServedPoint, variables: Variables): void {
  const node = nodeOf(point);
  const accessLevel = ua.makeAccessLevelFlag(node.writable ? `${READING} | CurrentWrite` : READING);
  const variable = place.namespace.addVariable({
    componentOf: place.folder,
    nodeId: `s=${node.id}`,
    browseName: node.name,
    description: node.description,
    typeDefinition: node.type,
    dataType: node.dataType,
    accessLevel,
    userAccessLevel: accessLevel,
    minimumSamplingInterval: FASTEST_SAMPLING,
    historizing: true,
  });
  variable.bindVariable({
    timestamped_get: () => variables.read(point),
    historyRead: historyRead(point.definition, variables.history),
  });
  if (node.writable) allowWriting(ua, variable, { point: point.definition, write: variables.write });
  addProperties({ ua, namespace: place.namespace, variable, node, read: () => variables.read(point) });
}

function historyRead(point: PointDefinition, history: Variables['history']): Library.HistoryReadFunc {
  return callbackify(
    // The library knows the function by the number of its parameters.
    // oxlint-disable-next-line max-params
    async (
      _context: Library.ISessionContext,
      details: Parameters<Library.HistoryReadFunc>[1],
      _range: Parameters<Library.HistoryReadFunc>[2],
      _encoding: Parameters<Library.HistoryReadFunc>[3],
      continuation: Library.ContinuationData,
    ) => history(point, details, continuation),
  );
}

type Writing = { readonly point: PointDefinition; readonly write: Variables['write'] };

/** Whoever may write has the role Operator. A write goes to the device, and is shown once it is read from there. */
function allowWriting(ua: typeof Library, variable: Library.UAVariable, { point, write }: Writing): void {
  const reading = ua.makePermissionFlag('Browse | Read | ReadHistory | ReceiveEvents');
  const { Anonymous, AuthenticatedUser, Operator } = ua.WellKnownRoles;
  variable.setRolePermissions([
    { roleId: ua.resolveNodeId(Anonymous), permissions: reading },
    { roleId: ua.resolveNodeId(AuthenticatedUser), permissions: reading },
    { roleId: ua.resolveNodeId(Operator), permissions: reading | ua.PermissionFlag.Write },
  ]);
  // In place of the library's own, which knows no user where it comes to the value.
  const writeValue = callbackify(
    async (context: Library.ISessionContext, { value }: Library.DataValue, range: Library.NumericRange | null) => {
      if (!variable.isUserWritable(context)) return ua.StatusCodes.BadUserAccessDenied;
      if (range !== null && !range.isEmpty()) return ua.StatusCodes.BadIndexRangeNoData;
      const token = context.session?.userIdentityToken;
      const user = token instanceof ua.UserNameIdentityToken ? (token.userName ?? '') : '';
      return write({ point, value, user });
    },
  );
  Object.assign(variable, { writeValue });
}

type Owner = {
  readonly ua: typeof Library;
  readonly namespace: Library.Namespace;
  readonly variable: Library.UAVariable;
  readonly node: PointNode;
  readonly read: () => Library.DataValue;
};

/** Part 8, 5.3: what the value of a variable means. */
function addProperties(owner: Owner): void {
  const { ua, node } = owner;
  if (node.range !== undefined) {
    addProperty(owner, 'EURange', 'Range', { dataType: 'ExtensionObject', value: new ua.Range(node.range) });
  }
  if (node.unit !== undefined) {
    const value = unitInformation(ua, node.unit);
    addProperty(owner, 'EngineeringUnits', 'EUInformation', { dataType: 'ExtensionObject', value });
  }
  if (node.states !== undefined) addStates(owner, node.states);
}

function unitInformation(ua: typeof Library, { namespaceUri, unitId, symbol }: EngineeringUnit): object {
  return Object.assign(ua.makeEUInformation('', symbol, symbol), { namespaceUri, unitId });
}

function addStates(owner: Owner, states: States): void {
  const { ua } = owner;
  if (states.kind === 'two') {
    addProperty(owner, 'TrueState', 'LocalizedText', { dataType: 'LocalizedText', value: { text: states.yes } });
    addProperty(owner, 'FalseState', 'LocalizedText', { dataType: 'LocalizedText', value: { text: states.no } });
  } else if (states.kind === 'indexed') {
    const value = states.names.map((text) => ({ text }));
    addProperty(owner, 'EnumStrings', 'LocalizedText', { dataType: 'LocalizedText', arrayType: 'Array', value });
  } else {
    const value = states.values.map(
      ([state, text]) => new ua.EnumValueType({ value: halves(state), displayName: { text }, description: { text } }),
    );
    addProperty(owner, 'EnumValues', 'EnumValueType', { dataType: 'ExtensionObject', arrayType: 'Array', value });
    addValueAsText(owner, new Map(states.values));
  }
}

/** A 64-bit integer as the library has it. */
function halves(value: number): [high: number, low: number] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
}

/** The name of the state as it is now. */
function addValueAsText(owner: Owner, names: ReadonlyMap<number, string>): void {
  const { ua, namespace, variable, node, read } = owner;
  const property = namespace.addVariable({
    propertyOf: variable,
    nodeId: `s=${node.id}/ValueAsText`,
    browseName: { namespaceIndex: 0, name: 'ValueAsText' },
    typeDefinition: 'PropertyType',
    accessLevel: 'CurrentRead',
    dataType: 'LocalizedText',
    minimumSamplingInterval: FASTEST_SAMPLING,
  });
  property.bindVariable({
    timestamped_get: () => {
      const { value, statusCode, sourceTimestamp, serverTimestamp } = read();
      const text = names.get(Number(value.value)) ?? '';
      const named = { dataType: ua.DataType.LocalizedText, value: { text } };
      return new ua.DataValue({ value: named, statusCode, sourceTimestamp, serverTimestamp });
    },
  });
}

type PropertyValue = { readonly dataType: string; readonly arrayType?: string; readonly value: unknown };

/** `value` as a property that never changes. */
function addProperty(
  { ua, namespace, variable, node }: Owner,
  name: string,
  dataType: string,
  value: PropertyValue,
): void {
  namespace.addVariable({
    propertyOf: variable,
    nodeId: `s=${node.id}/${name}`,
    browseName: { namespaceIndex: 0, name }, // the standard's own name
    typeDefinition: 'PropertyType',
    accessLevel: 'CurrentRead',
    dataType,
    ...(value.arrayType === undefined ? {} : { valueRank: 1 }),
    value: ua.Variant.coerce(value),
  });
}
