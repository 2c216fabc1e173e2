import type { Library } from '../../src/wire/opcua-library.ts';
import { portions, type Services } from './services.ts';

const HAS_PROPERTY = 'i=46';

/** A property of a node of the standard's namespace, and what it holds. */
export type Property = { readonly owner: string; readonly name: string; readonly value: unknown };

/** The properties of these names that the nodes have. Rejects as `Services.ask` does. */
export async function propertiesOf(
  services: Services,
  nodeIds: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Property[]> {
  const paths = nodeIds.flatMap((owner) => names.map((name) => ({ owner, name })));
  const found: { readonly owner: string; readonly name: string; readonly nodeId: string }[] = [];
  for (const portion of portions(paths, services.limits.browse)) {
    const request = portion.map(({ owner, name }) => propertyPath(owner, name, services.library));
    const results = await services.ask('properties', () => services.session.translateBrowsePath(request), signal);
    for (const [index, { targets }] of results.entries()) {
      const target = targets?.[0]?.targetId;
      const path = portion[index];
      if (target !== undefined && path !== undefined) found.push({ ...path, nodeId: target.toString() });
    }
  }
  const values = await services.read(found, signal);
  return found.map(({ owner, name }, index) => ({ owner, name, value: values[index]?.value.value }));
}

function propertyPath(owner: string, name: string, { BrowsePath, coerceNodeId }: typeof Library) {
  return new BrowsePath({
    startingNode: coerceNodeId(owner),
    relativePath: {
      elements: [
        {
          referenceTypeId: coerceNodeId(HAS_PROPERTY),
          isInverse: false,
          includeSubtypes: true,
          targetName: { namespaceIndex: 0, name },
        },
      ],
    },
  });
}
