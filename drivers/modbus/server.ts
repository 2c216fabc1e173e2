import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { SimulatedEnd, Simulation } from '../../src/collect/driver.ts';
import { asGatewayError, GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { asciiFraming } from './ascii-framing.ts';
import type { Framing } from './framing.ts';
import { Responder } from './responder.ts';
import type { ResponderSettings } from './responder.ts';
import { rtuFraming } from './rtu-framing.ts';
import { tcpFraming, udpFraming } from './tcp-framing.ts';

const MOST_CLIENTS = 256;
const MOST_UNREAD_BYTES = 1_048_576; // a client that asks and never reads is let go

type Behaviour = Omit<ResponderSettings, 'framing'>;

const STREAM_FRAMINGS: Readonly<Record<string, Framing>> = {
  tcp: tcpFraming,
  'rtu-over-tcp': rtuFraming,
  'ascii-over-tcp': asciiFraming,
};

/** Serves at `end`; rejects with `connection-failed` when the address is not to be had, `usage` for an unknown transport. */
export async function serve(end: SimulatedEnd, behaviour: Behaviour): Promise<Simulation> {
  if ('wire' in end) return serveWire(end.wire, end.framing === 'ascii' ? asciiFraming : rtuFraming, behaviour);
  if (end.transport === 'udp') return serveUdp(end, behaviour);
  const framing = STREAM_FRAMINGS[end.transport];
  if (framing !== undefined) return serveTcp(end, { ...behaviour, framing });
  const known = [...Object.keys(STREAM_FRAMINGS), 'udp'].join(', ');
  throw new GatewayError('usage', `${end.transport} cannot be simulated; on the network there are ${known}`);
}

type Place = { readonly host: string; readonly port: number };

async function serveTcp({ host, port }: Place, settings: ResponderSettings): Promise<Simulation> {
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    attend(client, settings);
  });
  server.maxConnections = MOST_CLIENTS;
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw asGatewayError(error, 'connection-failed');
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

function addressOf(server: { address(): AddressInfo | string | null }): Place {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new GatewayError('failed', 'a server has an address');
  return { host: address.address, port: address.port };
}

function attend(client: Socket, settings: ResponderSettings): void {
  const responder = new Responder(settings, {
    send: (bytes) => {
      if (client.writableLength > MOST_UNREAD_BYTES) client.destroy();
      else if (client.writable) client.write(bytes);
    },
    // What was said before must still arrive.
    hangUp: () => client.destroySoon(),
  });
  client.on('error', () => client.destroy());
  client.on('data', (bytes) => responder.received(bytes));
}

async function serveUdp({ host, port }: Place, behaviour: Behaviour): Promise<Simulation> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (datagram, { address, port: asker }) => {
    const send = (bytes: Buffer): void => socket.send(bytes, asker, address, () => undefined);
    new Responder({ ...behaviour, framing: udpFraming }, { send, hangUp: () => undefined }).received(datagram);
  });
  const bound = once(socket, 'listening');
  socket.bind(port, host);
  try {
    await bound;
  } catch (error) {
    throw asGatewayError(error, 'connection-failed');
  }
  let closed: Promise<unknown> | undefined;
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

/** A line has no connections: whoever hangs up only falls silent. */
function serveWire(wire: Wire, framing: Framing, behaviour: Behaviour): Simulation {
  const send = (bytes: Buffer): void => {
    if (wire.open) wire.send(bytes);
  };
  const responder = new Responder({ ...behaviour, framing }, { send, hangUp: () => undefined });
  wire.listen({ received: (bytes) => responder.received(bytes), lost: () => undefined });
  return { address: undefined, [Symbol.asyncDispose]: () => Promise.resolve(wire[Symbol.asyncDispose]()) };
}
