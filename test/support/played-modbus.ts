import { EventEmitter, once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A read request as it arrived over Modbus TCP. */
export type AskedFrame = {
  readonly transaction: number;
  readonly unit: number;
  readonly code: number;
  readonly address: number;
  readonly amount: number;
};

/** Answers one request on `socket` as it likes, or not at all. */
export type Manner = (asked: AskedFrame, socket: Socket) => void;

export interface PlayedModbus extends AsyncDisposable {
  readonly port: number;
  /** How requests are answered from now on. */
  manner: Manner;
  /** Everything that was asked so far. */
  readonly asked: readonly AskedFrame[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** Resolves once `count` requests have arrived in all. */
  untilAsked(count: number): Promise<void>;
  /** Resolves once `count` connections have ended in all. */
  untilClosed(count: number): Promise<void>;
}

/** The true answer of a device whose every register holds its own address, and whose coils are on at odd addresses. */
export function honestFrame({ transaction, unit, code, address, amount }: AskedFrame): Buffer {
  return answerFrame({ transaction, unit, code }, honestData(code, address, amount));
}

/** The data of the true answer. */
export function honestData(code: number, address: number, amount: number): Buffer {
  return code <= 2 ? bits(address, amount) : registers(address, amount);
}

/** A well-formed answer frame of any content. */
export function answerFrame(head: { transaction: number; unit: number; code: number }, data: Buffer): Buffer {
  const frame = Buffer.alloc(9 + data.length);
  frame.writeUInt16BE(head.transaction, 0);
  frame.writeUInt16BE(3 + data.length, 4);
  frame.writeUInt8(head.unit, 6);
  frame.writeUInt8(head.code, 7);
  frame.writeUInt8(data.length, 8);
  data.copy(frame, 9);
  return frame;
}

export function exceptionFrame({ transaction, unit, code }: AskedFrame, exception: number): Buffer {
  const frame = Buffer.from([0, 0, 0, 0, 0, 3, unit, code | 0x80, exception]);
  frame.writeUInt16BE(transaction, 0);
  return frame;
}

export const honest: Manner = (asked, socket) => {
  socket.write(honestFrame(asked));
};

export const silent: Manner = () => undefined;

/** Listens on loopback; each request is answered by the manner of the moment. */
export async function playModbus(manner: Manner = honest): Promise<PlayedModbus> {
  const asked: AskedFrame[] = [];
  const sockets = new Set<Socket>();
  const events = new EventEmitter();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      events.emit('closed');
    });
    socket.on('error', () => socket.destroy());
    // A client of one request at a time sends each in one piece of twelve bytes.
    socket.on('data', (bytes) => {
      const request = readRequest(bytes);
      asked.push(request);
      played.manner(request, socket);
      events.emit('asked');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
  const played: PlayedModbus = {
    port: address.port,
    manner,
    asked,
    get connections() {
      return connections;
    },
    untilClosed: async (count) => {
      while (connections - sockets.size < count) await once(events, 'closed');
    },
    untilAsked: async (count) => {
      while (asked.length < count) await once(events, 'asked');
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  return played;
}

function readRequest(bytes: Buffer): AskedFrame {
  if (bytes.length !== 12) throw new Error(`no read request: ${bytes.toString('hex')}`);
  return {
    transaction: bytes.readUInt16BE(0),
    unit: bytes.readUInt8(6),
    code: bytes.readUInt8(7),
    address: bytes.readUInt16BE(8),
    amount: bytes.readUInt16BE(10),
  };
}

function registers(address: number, amount: number): Buffer {
  const data = Buffer.alloc(amount * 2);
  for (let index = 0; index < amount; index++) data.writeUInt16BE((address + index) & 0xffff, index * 2);
  return data;
}

function bits(address: number, amount: number): Buffer {
  const data = Buffer.alloc(Math.ceil(amount / 8));
  for (let index = 0; index < amount; index++) {
    const bit = (address + index) & 1;
    data.writeUInt8(data.readUInt8(index >> 3) | (bit << (index & 7)), index >> 3);
  }
  return data;
}
