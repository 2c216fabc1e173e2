import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Simulation } from '../../src/collect/driver.ts';
import { asGatewayError, GatewayError } from '../../src/model/errors.ts';
import { NOTHING } from './framing.ts';
import { measureRequests } from './pdu.ts';
import { tcpFraming } from './tcp-framing.ts';

const MOST_CLIENTS = 256;
const MOST_UNREAD_BYTES = 1_048_576; // a client that asks and never reads is let go

/** Answers the PDU of a request to `unit` with the PDU of its answer; undefined stays silent. */
export type Answering = (unit: number, request: Buffer) => Buffer | undefined;

/** Listens for Modbus TCP clients; throws `connection-failed` when the address is not to be had. */
export async function serve(listen: { host: string; port: number }, answer: Answering): Promise<Simulation> {
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    attend(client, answer);
  });
  server.maxConnections = MOST_CLIENTS;
  try {
    await once(server.listen(listen.port, listen.host), 'listening');
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

function addressOf(server: Server): { host: string; port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new GatewayError('failed', 'a TCP server has an address');
  return { host: address.address, port: address.port };
}

function attend(client: Socket, answer: Answering): void {
  let rest = NOTHING;
  client.on('error', () => client.destroy());
  client.on('data', (bytes) => {
    const cut = tcpFraming.cut(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]), measureRequests);
    rest = cut.rest;
    for (const found of cut.found) {
      const pdu = found.kind === 'frame' ? answer(found.unit, found.pdu) : undefined;
      if (found.kind === 'frame' && pdu !== undefined) client.write(tcpFraming.encode({ ...found, pdu }));
      if (found.kind !== 'frame' || client.writableLength > MOST_UNREAD_BYTES) return void client.destroy();
    }
  });
}
