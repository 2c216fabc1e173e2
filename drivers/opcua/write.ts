import type { PointWrite } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import type { Item } from './item.ts';
import { printNode } from './node-id.ts';
import { portions, type Services } from './services.ts';
import { builtIn, halves } from './value.ts';

/**
 * Writes values to the nodes of items, each as the type that its node has. Rejects with `usage` for what cannot be
 * written so, before anything is; with `device-refused` where the server refuses, or as `Services.ask` does.
 */
export async function writeItems(
  services: Services,
  items: readonly Item[],
  writes: readonly PointWrite[],
  signal: AbortSignal,
): Promise<void> {
  const values = new Map(writes.map(({ point, value }) => [point.number, value]));
  const types = await typesOf(services, items, signal);
  const requests = items.map((item, index) => {
    const value = values.get(item.point.number);
    if (value === undefined) throw new TypeError(`nothing to write to ${item.point.id}`);
    return request(item, value, types[index] ?? builtIn.Null, services.library);
  });
  for (const portion of portions(requests, services.limits.write)) {
    const write = (): Promise<Library.StatusCode[]> => services.session.write([...portion]);
    const statuses = await services.ask('a write', write, signal);
    const refusals = portion.flatMap(({ id }, index) => {
      const status = statuses[index];
      return status === undefined || status.isNotGood() ? [`${id}: ${status?.name ?? 'no answer for it'}`] : [];
    });
    if (refusals.length > 0)
      throw new GatewayError('device-refused', `the server refuses to write ${refusals.join('; ')}`);
  }
}

/** The built-in types of the nodes: that of the value which is there, or else that of the node's data type. */
async function typesOf(services: Services, items: readonly Item[], signal: AbortSignal): Promise<readonly number[]> {
  const known = items.map(({ nodeId, point }) => {
    if (nodeId !== undefined) return nodeId;
    throw new GatewayError(
      'device-refused',
      `${point.id}: the server has no namespace of ${printNode(point.address.node)}`,
    );
  });
  const values = await services.read(
    known.map((nodeId) => ({ nodeId })),
    signal,
  );
  return Promise.all(
    known.map(async (nodeId, index) => {
      const type = values[index]?.value.dataType ?? builtIn.Null;
      if (type !== builtIn.Null) return type;
      const { session, library } = services;
      return services.ask('a data type', () => session.getBuiltInDataType(library.coerceNodeId(nodeId)), signal);
    }),
  );
}

function request(item: Item, value: Value, dataType: number, library: typeof Library) {
  const { index, member } = item.point.address;
  const { id } = item.point;
  if (member !== undefined) throw new GatewayError('usage', `${id}: a single field of a structure cannot be written`);
  const scalar = encoded(id, value, dataType);
  const { DataValue, Variant, VariantArrayType, NumericRange, AttributeIds } = library;
  const content =
    index === undefined
      ? { dataType, arrayType: VariantArrayType.Scalar, value: scalar }
      : { dataType, arrayType: VariantArrayType.Array, value: [scalar] };
  return {
    id,
    nodeId: item.nodeId ?? '',
    attributeId: AttributeIds.Value,
    ...(index !== undefined && { indexRange: new NumericRange(index) }),
    // Neither status nor times: many servers refuse a write that sets them (Part 4, 5.11.4.2).
    value: new DataValue({ value: new Variant(content) }),
  };
}

/** The value as the stack encodes this type. */
function encoded(id: string, value: Value, dataType: number): unknown {
  const written =
    typeof value === 'string' || typeof value === 'boolean' ? plain(value, dataType) : number(value, dataType);
  if (written !== undefined) return written;
  throw new GatewayError('device-refused', `${id}: ${String(value)} is no value of the type that the node has`);
}

function plain(value: string | boolean, dataType: number): unknown {
  if (dataType === builtIn.Boolean) return typeof value === 'boolean' ? value : undefined;
  if (typeof value === 'boolean') return undefined;
  if (dataType === builtIn.String) return value;
  return dataType === builtIn.LocalizedText ? { text: value } : undefined;
}

function number(value: number | bigint, dataType: number): unknown {
  if (dataType === builtIn.Double || dataType === builtIn.Float) return Number(value);
  const range = ranges[dataType];
  if (range === undefined || !(typeof value === 'bigint' || Number.isInteger(value))) return undefined;
  if (value < range[0] || value > range[1]) return undefined;
  return dataType === builtIn.Int64 || dataType === builtIn.UInt64 ? halves(BigInt(value)) : Number(value);
}

const ranges: Readonly<Record<number, readonly [least: bigint, greatest: bigint]>> = {
  [builtIn.SByte]: [-128n, 127n],
  [builtIn.Byte]: [0n, 255n],
  [builtIn.Int16]: [-(2n ** 15n), 2n ** 15n - 1n],
  [builtIn.UInt16]: [0n, 2n ** 16n - 1n],
  [builtIn.Int32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [builtIn.UInt32]: [0n, 2n ** 32n - 1n],
  [builtIn.Int64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [builtIn.UInt64]: [0n, 2n ** 64n - 1n],
};
