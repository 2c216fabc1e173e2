import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** Somebody who listens on loopback; everyone connected is cut off when the scope ends. */
export type Listening = { readonly port: number } & AsyncDisposable;

/** Has a server listen on any port that is free. */
export async function listening(server: Server): Promise<Listening> {
  const clients = new Set<{ destroy(): unknown }>();
  server.on('connection', (client) => clients.add(client.on('error', () => undefined)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
