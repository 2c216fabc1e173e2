import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** An MQTT broker inside this process, for demonstrations: it can go out of reach, and keeps its sessions meanwhile. */
export interface DemoBroker extends AsyncDisposable {
  readonly url: string;
  /** Cuts every connection and refuses new ones. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Starts the broker on a free loopback port. */
export async function startDemoBroker(): Promise<DemoBroker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  };
  let server = await listen(serve, 0);
  const port = portOf(server);
  const goAway = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    goAway,
    comeBack: async () => {
      server = await listen(serve, port);
    },
    [Symbol.asyncDispose]: async () => {
      await goAway();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

async function listen(serve: (socket: Socket) => void, port: number): Promise<Server> {
  const server = createServer(serve).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has no other kind of address
  return (server.address() as AddressInfo).port;
}
