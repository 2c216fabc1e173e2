import type { BrowsedNode } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { ValueType } from '../../src/model/point.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import { engineeringOf, type Engineering } from './engineering.ts';
import { namesOf } from './names.ts';
import { parseNode, resolveNode, stableNode } from './node-id.ts';
import { verdictOn } from './quality.ts';
import type { Services } from './services.ts';
import { builtIn, scalarOf, type ValueNames } from './value.ts';

const OBJECTS = 'i=85'; // the folder of everything that a server is about (Part 5, 8.2.2)
const HIERARCHICAL = 'i=33';

// Nodes of one level that are shown at most: nobody reads more, and a server may have a million.
const MOST_NODES = 5_000;

// Answers in a row without anything new, after which a server that says that more follows is not believed.
const MOST_IDLE = 10;

// Part 3, 8.57: the bits of an access level.
const MAY_READ = 1;
const MAY_WRITE = 2;

/** What a point of each built-in type is in a configuration. */
const pointTypes: Readonly<Record<number, ValueType>> = {
  [builtIn.Boolean]: 'bool',
  [builtIn.SByte]: 'int16',
  [builtIn.Byte]: 'uint16',
  [builtIn.Int16]: 'int16',
  [builtIn.UInt16]: 'uint16',
  [builtIn.Int32]: 'int32',
  [builtIn.UInt32]: 'uint32',
  [builtIn.Int64]: 'int64',
  [builtIn.UInt64]: 'uint64',
  [builtIn.Float]: 'float32',
  [builtIn.Double]: 'float64',
  [builtIn.String]: 'string',
  [builtIn.DateTime]: 'string',
  [builtIn.Guid]: 'string',
  [builtIn.ByteString]: 'string',
  [builtIn.LocalizedText]: 'string',
};

// Whatever may have a unit: integers and floats (Part 6, 5.1.2 numbers them from SByte to Double).
const numeric = new Set<number>(Array.from({ length: 10 }, (_, index) => builtIn.SByte + index));

const typeNames = new Map<number, string>(Object.entries(builtIn).map(([name, number]) => [number, name]));

/** What lies below a node: objects and variables, in the server's order; the variables with their values. */
export async function browse(
  services: Services,
  namespaces: readonly string[],
  place: string | undefined,
  signal: AbortSignal,
): Promise<readonly BrowsedNode[]> {
  const references = await children(services, nodeIdOf(place ?? OBJECTS, namespaces), signal);
  const { [services.library.NodeClass.Variable]: variables = [] } = Object.groupBy(
    references,
    (each) => each.nodeClass,
  );
  const facts = await variableFacts(
    services,
    variables.map(({ nodeId }) => nodeId.toString()),
    signal,
  );
  return references.map((reference): BrowsedNode => {
    const { browseName, nodeId } = reference;
    const written = stableNode(nodeId.namespace, identifierOf(nodeId), namespaces);
    const node = {
      place: written,
      name: browseName.name ?? reference.displayName.text ?? written,
      ...(nodeId.namespace === 0 && { isStandard: true as const }),
    };
    const known = facts.get(nodeId.toString());
    return known === undefined ? node : { ...node, ...asVariable(known, written) };
  });
}

function nodeIdOf(place: string, namespaces: readonly string[]): string {
  const node = parseNode(place);
  if (typeof node === 'string') throw new GatewayError('usage', node);
  const nodeId = resolveNode(node, namespaces);
  if (nodeId !== undefined) return nodeId;
  throw new GatewayError('device-refused', `the server has no namespace ${node.namespace}`);
}

/** `s=…` of a node id. */
function identifierOf(nodeId: Library.ExpandedNodeId): string {
  return nodeId.toString().replace(/^(?:ns=\d+;|nsu=[^;]*;|svr=\d+;)*/u, '');
}

async function children(
  services: Services,
  nodeId: string,
  signal: AbortSignal,
): Promise<readonly Library.ReferenceDescription[]> {
  const { library, session } = services;
  const { BrowseDirection, NodeClass } = library;
  const question = {
    nodeId,
    referenceTypeId: HIERARCHICAL,
    includeSubtypes: true,
    browseDirection: BrowseDirection.Forward,
    nodeClassMask: NodeClass.Object + NodeClass.Variable,
    resultMask: 63,
  };
  const result = await services.ask('a browse', () => session.browse(question), signal);
  const { statusCode } = result;
  if (statusCode.isNotGood()) throw new GatewayError('device-refused', `${nodeId}: ${statusCode.name}`);
  return followed(services, nodeId, result, signal);
}

/** The references of an answer, and of those that go on with it. */
async function followed(
  services: Services,
  nodeId: string,
  first: Library.BrowseResult,
  signal: AbortSignal,
): Promise<readonly Library.ReferenceDescription[]> {
  const found = new Map<string, Library.ReferenceDescription>();
  let result = first;
  for (let idle = 0; ;) {
    const before = found.size;
    for (const reference of result.references ?? []) found.set(reference.nodeId.toString(), reference);
    const { continuationPoint } = result;
    if (!Buffer.isBuffer(continuationPoint) || continuationPoint.length === 0) break;
    idle = found.size > before ? 0 : idle + 1;
    const isEnd = found.size >= MOST_NODES || idle >= MOST_IDLE;
    result = await services.ask('a browse', () => services.session.browseNext(continuationPoint, isEnd), signal);
    if (idle >= MOST_IDLE) throw withoutEnd(nodeId);
    if (isEnd) break;
  }
  return [...found.values()].slice(0, MOST_NODES);
}

function withoutEnd(nodeId: string): GatewayError {
  const what = 'the server says without end that more follows, and names nothing new';
  return new GatewayError('answer-malformed', `what is below ${nodeId}: ${what}`);
}

type VariableFacts = {
  readonly value: Library.DataValue | undefined;
  readonly access: number;
  readonly description: string | undefined;
  readonly names: ValueNames | undefined;
  readonly engineering: Engineering | undefined;
};

async function variableFacts(
  services: Services,
  nodeIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, VariableFacts>> {
  const { Value, UserAccessLevel, Description } = services.library.AttributeIds;
  const read = (attribute: Library.AttributeIds): Promise<readonly Library.DataValue[]> =>
    services.read(
      nodeIds.map((nodeId) => ({ nodeId, attribute })),
      signal,
    );
  const [values, levels, descriptions] = [await read(Value), await read(UserAccessLevel), await read(Description)];
  const enumerated = nodeIds.filter((_, index) => isOfType(values[index], builtIn.Int32));
  const names = enumerated.length === 0 ? new Map<string, ValueNames>() : await namesOf(services, enumerated, signal);
  const numbers = nodeIds.filter((_, index) => numeric.has(values[index]?.value.dataType ?? 0));
  const engineering = await engineeringOf(services, numbers, signal);
  return new Map(
    nodeIds.map((nodeId, index) => {
      const access: unknown = levels[index]?.value.value;
      const text = scalarOf({ dataType: builtIn.LocalizedText, value: descriptions[index]?.value.value }, 'string');
      const facts: VariableFacts = {
        value: values[index],
        access: typeof access === 'number' ? access : 0,
        description: typeof text === 'string' && text !== '' ? text : undefined,
        names: names.get(nodeId),
        engineering: engineering.get(nodeId),
      };
      return [nodeId, facts] as const;
    }),
  );
}

function asVariable(facts: VariableFacts, node: string): Partial<BrowsedNode> {
  const { value, access, description } = facts;
  const point = pointOf(facts, node);
  return {
    ...(description !== undefined && { description }),
    value: {
      text: value === undefined ? 'no value' : valueText(value, facts.names),
      type: value === undefined ? '' : typeText(value),
      access: (access & MAY_WRITE) !== 0 ? 'write' : accessOf((access & MAY_READ) !== 0),
    },
    ...(point !== undefined && { point }),
  };
}

/** The keys of a point that reads it; undefined where it is no single value, or none that we may read. */
function pointOf(facts: VariableFacts, node: string): BrowsedNode['point'] {
  const { value, access, names, engineering } = facts;
  if (value === undefined || !isSingle(value) || (access & MAY_READ) === 0) return undefined;
  const type = pointTypes[value.value.dataType];
  if (type === undefined) return undefined;
  return {
    node,
    type,
    ...(engineering?.unit !== undefined && { unit: engineering.unit }),
    ...limitsOf(value, engineering?.range),
    ...(names !== undefined && { labels: Object.fromEntries(names) }),
  };
}

/**
 * A range as the limits outside which a value is uncertain, which is what a server says of it too (Part 8, 6.3.2:
 * UncertainEngineeringUnitsExceeded). Many servers leave 0 to 100 there whatever they measure: it counts only where the
 * value, which is what the plant does now, is within it.
 */
function limitsOf({ value, statusCode }: Library.DataValue, range: Engineering['range']): Partial<Limits> {
  const now = scalarOf({ dataType: value.dataType, value: value.value }, 'float64');
  const isWithin = range !== undefined && typeof now === 'number' && now >= range.low && now <= range.high;
  return isWithin && statusCode.isGood() ? { min: range.low, max: range.high } : {};
}

type Limits = { readonly min: number; readonly max: number };

/** `Double`, or `Double[]`. */
function typeText(data: Library.DataValue): string {
  const { dataType } = data.value;
  return `${typeNames.get(dataType) ?? String(dataType)}${isSingle(data) ? '' : '[]'}`;
}

function accessOf(mayRead: boolean): 'read' | 'none' {
  return mayRead ? 'read' : 'none';
}

/** The value for people: a scalar, how many there are of an array, or why there is none. */
function valueText(data: Library.DataValue, names: ValueNames | undefined): string {
  const { value, statusCode } = data;
  const { quality, reason } = verdictOn(statusCode.value);
  if (quality === 'bad') return reason ?? statusCode.name;
  const content: unknown = value.value;
  if (!isSingle(data)) return `${lengthOf(content)} values`;
  const text = scalarOf({ dataType: value.dataType, value: content }, 'string', names);
  return typeof text === 'string' ? text : 'a structure';
}

function isSingle({ value }: Library.DataValue): boolean {
  const shape: number = value.arrayType;
  return shape === 0;
}

function isOfType(data: Library.DataValue | undefined, dataType: number): boolean {
  const own: number | undefined = data?.value.dataType;
  return own === dataType;
}

function lengthOf(content: unknown): number {
  return typeof content === 'object' && content !== null && 'length' in content ? Number(content.length) : 0;
}
