import type { Library } from '../../wire/opcua-library.ts';
import type { ServedDevice, ServedPoint } from '../server.ts';
import { addPointNode, type Variables } from './variables.ts';

type Folder = { readonly node: Library.UAObject; readonly points: readonly ServedPoint[] };

/** The gateway's part of the address space: a folder for each device, in it a variable for each point. */
export class GatewayFolder {
  readonly #ua: typeof Library;
  readonly #addressSpace: Library.AddressSpace;
  readonly #namespace: Library.Namespace;
  readonly #root: Library.UAObject;
  readonly #variables: Variables;
  readonly #devices = new Map<string, Folder>();
  /** How many points are offered. */
  points = 0;

  constructor(ua: typeof Library, addressSpace: Library.AddressSpace, gateway: string, variables: Variables) {
    this.#ua = ua;
    this.#addressSpace = addressSpace;
    this.#namespace = addressSpace.registerNamespace(namespaceOf(gateway));
    this.#variables = variables;
    this.#root = this.#namespace.addFolder(addressSpace.rootFolder.objects, {
      browseName: gateway,
      nodeId: 's=/', // no device is called so
      description: `What the gateway ${gateway} reads`,
    });
  }

  /** Offers these devices, and none besides; costs next to nothing where nothing has changed. */
  offer(devices: readonly ServedDevice[]): void {
    const offered = new Set(devices.map(({ id }) => id));
    for (const id of this.#devices.keys()) if (!offered.has(id)) this.#remove(id);
    for (const device of devices) {
      if (this.#devices.get(device.id)?.points === device.points) continue;
      this.#remove(device.id);
      this.#add(device);
    }
  }

  #add({ id, points }: ServedDevice): void {
    const node = this.#namespace.addFolder(this.#root, { browseName: id, nodeId: `s=${id}` });
    this.#devices.set(id, { node, points });
    const place = { namespace: this.#namespace, folder: node };
    for (const point of points) addPointNode(this.#ua, place, point, this.#variables);
    this.points += points.length;
  }

  #remove(id: string): void {
    const folder = this.#devices.get(id);
    if (folder === undefined) return;
    this.#addressSpace.deleteNode(folder.node);
    this.#devices.delete(id);
    this.points -= folder.points.length;
  }
}

/** Names of nodes are unique in it: `nsu=urn:weir:<gateway>;s=<device>/<point>`, the same after every start. */
function namespaceOf(gateway: string): string {
  return `urn:weir:${gateway}`;
}
