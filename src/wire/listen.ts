import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { Wire } from './wire.ts';

const MOST_CLIENTS = 256;
const MOST_UNREAD_BYTES = 1_048_576; // a client that asks and never reads is let go

type Place = { readonly host: string; readonly port: number };

/** How to speak to one client. `hangUp` lets what was said before still arrive; without a connection it does nothing. */
export type Mouth = { readonly send: (bytes: Buffer) => void; readonly hangUp: () => void };

/** Called for each client; what it returns is given everything that arrives from there, in any chunks. */
export type Attend = (mouth: Mouth) => (bytes: Buffer) => void;

/** A far end at work. Disposing it ends every connection; twice is harmless. */
export interface Listener extends AsyncDisposable {
  /** Where it listens on the network, port 0 replaced by the one given; undefined on a wire. */
  readonly address: Place | undefined;
}

/** Listens for connections; rejects with `server-failed` when the address is not to be had. */
export async function listenTcp({ host, port }: Place, attend: Attend): Promise<Listener> {
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    attendSocket(client, attend);
  });
  server.maxConnections = MOST_CLIENTS;
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw unheard({ host, port }, error);
  }
  return {
    address: addressOf(server),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: another program listens there',
  EACCES: 'is not for this user: ports below 1024 need rights',
  EADDRNOTAVAIL: 'is no address of this machine',
};

function unheard({ host, port }: Place, error: unknown): GatewayError {
  const reason = error instanceof Error && 'code' in error ? reasons[String(error.code)] : undefined;
  return new GatewayError('server-failed', `${host}:${port} ${reason ?? messageOf(error)}`, { cause: error });
}

function addressOf(server: { address(): AddressInfo | string | null }): Place {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new GatewayError('failed', 'a server has an address');
  return { host: address.address, port: address.port };
}

function attendSocket(client: Socket, attend: Attend): void {
  const received = attend({
    send: (bytes) => {
      if (client.writableLength > MOST_UNREAD_BYTES) client.destroy();
      else if (client.writable) client.write(bytes);
    },
    hangUp: () => client.destroySoon(),
  });
  client.on('error', () => client.destroy());
  client.on('data', received);
}

/** The same for datagrams, each of which is a client of its own. */
export async function listenUdp({ host, port }: Place, attend: Attend): Promise<Listener> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  let closed: Promise<unknown> | undefined;
  socket.on('message', (datagram, { address, port: asker }) => {
    const send = (bytes: Buffer): void => {
      if (closed === undefined) socket.send(bytes, asker, address, () => undefined);
    };
    attend({ send, hangUp: () => undefined })(datagram);
  });
  const bound = once(socket, 'listening');
  socket.bind(port, host);
  try {
    await bound;
  } catch (error) {
    throw unheard({ host, port }, error);
  }
  return {
    address: addressOf(socket),
    [Symbol.asyncDispose]: async () => {
      if (closed === undefined) {
        closed = once(socket, 'close');
        socket.close();
      }
      await closed;
    },
  };
}

/** Speaks at the other end of a wire, which is disposed of with it. A line has no connections to hang up. */
export function listenWire(wire: Wire, attend: Attend): Listener {
  const send = (bytes: Buffer): void => {
    if (wire.open) wire.send(bytes);
  };
  wire.listen({ received: attend({ send, hangUp: () => undefined }), lost: () => undefined });
  return { address: undefined, [Symbol.asyncDispose]: () => Promise.resolve(wire[Symbol.asyncDispose]()) };
}
