import { GatewayError } from '../../src/model/errors.ts';
import type { Device, Item } from './item.ts';
import { namesOf } from './names.ts';
import { resolveNode } from './node-id.ts';
import type { Point } from './reading.ts';
import type { Services } from './services.ts';
import type { ValueNames } from './value.ts';

const NAMESPACES = 'i=2255'; // Server_NamespaceArray

/**
 * The points of one session: where they are in the namespaces that the server has now, and what else has to be known to
 * understand their values. A new session learns all of it anew.
 */
export class Items {
  readonly #services: Services;
  readonly #byPoint = new WeakMap<Point, Item>();
  readonly #names = new Map<string, ValueNames | undefined>();
  #namespaces: readonly string[] = [];

  private constructor(services: Services) {
    this.#services = services;
  }

  static async of(services: Services, signal: AbortSignal): Promise<Items> {
    const items = new Items(services);
    const list = await services.value(NAMESPACES, signal);
    items.#namespaces = Array.isArray(list) ? list.map(String) : [];
    return items;
  }

  /** URIs of the server's namespaces by their numbers. */
  get namespaces(): readonly string[] {
    return this.#namespaces;
  }

  /** The items of points of a device, ready to be read. Rejects as `Services.ask` does. */
  async ready(device: Device, points: readonly Point[], signal: AbortSignal): Promise<readonly Item[]> {
    const items = points.map((point) => this.#item(device, point));
    await this.#learnNames(items, signal);
    return items;
  }

  #item(device: Device, point: Point): Item {
    const known = this.#byPoint.get(point);
    if (known !== undefined) return known;
    const nodeId = resolveNode(point.address.node, this.#namespaces);
    const item: Item = { device: device.id, point, nodeId, sampling: device.settings.sampling };
    this.#byPoint.set(point, item);
    return item;
  }

  /** Texts may be names of an enumeration's values. */
  async #learnNames(items: readonly Item[], signal: AbortSignal): Promise<void> {
    const texts = items.filter(({ point, nodeId }) => point.address.type === 'string' && nodeId !== undefined);
    const unknown = [...new Set(texts.flatMap(({ nodeId = '' }) => (this.#names.has(nodeId) ? [] : [nodeId])))];
    if (unknown.length > 0) {
      const names = await this.#named(unknown, signal);
      for (const nodeId of unknown) this.#names.set(nodeId, names.get(nodeId));
    }
    for (const item of texts) item.names = this.#names.get(item.nodeId ?? '');
  }

  async #named(nodeIds: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, ValueNames>> {
    try {
      return await namesOf(this.#services, nodeIds, signal);
    } catch (error) {
      // A server that cannot say how values are called is read by their numbers.
      if (error instanceof GatewayError && error.code === 'device-refused') return new Map();
      throw error;
    }
  }
}
