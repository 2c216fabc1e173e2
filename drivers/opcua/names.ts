import type { Library } from '../../src/wire/opcua-library.ts';
import { propertiesOf } from './properties.ts';
import type { Services } from './services.ts';
import { builtIn, scalarOf, type ValueNames } from './value.ts';

// Part 3, 8.14 and Part 5, 6.4.2: the names of an enumeration, by position or by value.
const PROPERTIES = ['EnumStrings', 'EnumValues'] as const;

// Data types of the standard that are no enumerations: the built-in ones (Part 6, 5.1.2), and enumeration itself.
const LAST_BUILT_IN = 25;
const ENUMERATION = 29;

/**
 * The names of the values of nodes that have any: those that the variables themselves bring along, or else those of
 * their data types. Rejects as `Services.ask` does.
 */
export async function namesOf(
  services: Services,
  nodeIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ValueNames>> {
  const types = await dataTypes(services, nodeIds, signal);
  const owners = [...new Set([...nodeIds, ...types.values()])];
  const properties = await propertiesOf(services, owners, PROPERTIES, signal);
  const lists = properties.map(({ owner, value }) => [owner, namesIn(value)] as const);
  const known = new Map(lists.filter(([, names]) => names.size > 0));
  return new Map(
    nodeIds.flatMap((nodeId) => {
      const names = known.get(nodeId) ?? known.get(types.get(nodeId) ?? '');
      return names === undefined ? [] : [[nodeId, names] as const];
    }),
  );
}

/** The data type of each node that may be an enumeration. */
async function dataTypes(
  services: Services,
  nodeIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const attribute = services.library.AttributeIds.DataType;
  const values = await services.read(
    nodeIds.map((nodeId) => ({ nodeId, attribute })),
    signal,
  );
  return new Map(
    nodeIds.flatMap((nodeId, index) => {
      const type: unknown = values[index]?.value.value;
      return isNodeId(type) && !isPlain(type) ? [[nodeId, type.toString()] as const] : [];
    }),
  );
}

/** Names by value: of texts by their positions, of `{ value, displayName }` by what they say. */
function namesIn(list: unknown): ValueNames {
  if (!Array.isArray(list)) return new Map();
  return new Map(
    list.flatMap((entry: unknown, position) => {
      const isPair = typeof entry === 'object' && entry !== null && 'value' in entry && 'displayName' in entry;
      const value = isPair ? scalarOf({ dataType: builtIn.Int64, value: entry.value }, 'int64') : position;
      const name = scalarOf({ dataType: builtIn.LocalizedText, value: isPair ? entry.displayName : entry }, 'string');
      return typeof value === 'number' && typeof name === 'string' ? [[value, name] as const] : [];
    }),
  );
}

function isNodeId(value: unknown): value is Library.NodeId {
  return typeof value === 'object' && value !== null && 'namespace' in value && 'value' in value;
}

function isPlain({ namespace, value }: Library.NodeId): boolean {
  return namespace === 0 && typeof value === 'number' && (value <= LAST_BUILT_IN || value === ENUMERATION);
}
