import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface PlayedPdus extends AsyncDisposable {
  readonly port: number;
  /** The PDUs that were asked, in hexadecimal, with their units. */
  readonly asked: readonly { readonly unit: number; readonly pdu: string }[];
}

const HEADER = 7; // transaction, protocol, length, unit

/** A Modbus TCP server on loopback that answers PDUs of any function as it is told to; undefined stays silent. */
export async function playPdus(answer: (pdu: Buffer, unit: number) => Buffer | undefined): Promise<PlayedPdus> {
  const asked: { unit: number; pdu: string }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    // A client of one request at a time sends each in one piece.
    socket.on('data', (frame) => {
      const unit = frame.readUInt8(HEADER - 1);
      const pdu = frame.subarray(HEADER);
      asked.push({ unit, pdu: pdu.toString('hex') });
      const reply = answer(pdu, unit);
      if (reply === undefined) return;
      const header = Buffer.from(frame.subarray(0, HEADER));
      header.writeUInt16BE(reply.length + 1, 4);
      socket.write(Buffer.concat([header, reply]));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The exception that answers a request. */
export function exceptionTo(pdu: Buffer, code: number): Buffer {
  return Buffer.of(pdu.readUInt8(0) | 0x80, code);
}
