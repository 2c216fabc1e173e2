import type * as Library from 'node-opcua';

export type { Library };

/**
 * The OPC UA stack. It costs a second and 100 MB: it is loaded when a connection or a server is opened, never before,
 * and only from here.
 */
export async function loadOpcua(): Promise<typeof Library> {
  return import('node-opcua');
}
