import { EventEmitter, once } from 'node:events';
import { rename, symlink, unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { asciiFraming } from '../../drivers/modbus/ascii-framing.ts';
import { measureRequests } from '../../drivers/modbus/pdu.ts';
import { rtuFraming } from '../../drivers/modbus/rtu-framing.ts';
import { frameBytes } from './modbus-frames.ts';
import { honestData } from './played-modbus.ts';
import { PtyEnd } from './pty-end.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A request as it arrived on a line; `address` and `amount` of what has them. */
export type LineRequest = {
  readonly unit: number;
  readonly pdu: Buffer;
  readonly code: number;
  readonly address: number;
  readonly amount: number;
};

/** What the far end of a line can do. */
export interface FarSide {
  /** Puts bytes on the line. */
  send(bytes: Buffer): void;
  /** The frame around a PDU, in the line's framing. */
  frame(unit: number, pdu: Buffer): Buffer;
  /** Ends the connection, and takes another at once. */
  interrupt(): void;
}

/** Answers one request as it likes, or not at all. */
export type LineManner = (asked: LineRequest, line: FarSide) => void;

export type LineKind = {
  readonly transport: 'rtu-over-tcp' | 'ascii-over-tcp' | 'serial';
  readonly framing: 'rtu' | 'ascii';
};

export interface PlayedLine extends AsyncDisposable, FarSide {
  /** The settings of a connection to it. */
  readonly settings: object;
  manner: LineManner;
  readonly asked: readonly LineRequest[];
  untilAsked(count: number): Promise<void>;
  /** Resolves once nobody is connected any more, where that can be told. */
  untilQuiet(): Promise<void>;
  /** Ends the connection and takes no other. */
  leave(): Promise<void>;
}

/** The true answer of a device whose every register holds its own address, and whose coils are on at odd addresses. */
export function honestPdu({ code, address, amount }: LineRequest): Buffer {
  const data = honestData(code, address, amount);
  return Buffer.concat([Buffer.of(code, data.length), data]);
}

export function exceptionPdu({ code }: LineRequest, exception: number): Buffer {
  return Buffer.of(code | 0x80, exception);
}

export const honestLine: LineManner = (asked, line) => line.send(line.frame(asked.unit, honestPdu(asked)));
export const silentLine: LineManner = () => undefined;

/** The bytes of a line, whatever carries them. */
interface Carrier extends AsyncDisposable {
  readonly settings: object;
  send(bytes: Buffer): void;
  interrupt(): void;
  untilQuiet(): Promise<void>;
  leave(): Promise<void>;
}

/** Plays the units of a line on loopback or behind a pty. */
export async function playLine(kind: LineKind, manner: LineManner = honestLine): Promise<PlayedLine> {
  const framing = kind.framing === 'rtu' ? rtuFraming : asciiFraming;
  const asked: LineRequest[] = [];
  const events = new EventEmitter();
  let rest: Buffer = Buffer.alloc(0);
  const received = (bytes: Buffer): void => {
    const cut = framing.cut(Buffer.concat([rest, bytes]), measureRequests);
    rest = cut.rest;
    for (const found of cut.found) {
      if (found.kind !== 'frame') continue;
      const request = readRequest(found.unit, found.pdu);
      asked.push(request);
      played.manner(request, played);
      events.emit('asked');
    }
  };
  const renewed = (): void => {
    rest = Buffer.alloc(0);
  };
  const carrier = await (kind.transport === 'serial' ? carryByPty : carryByTcp)(received, renewed);
  const own = kind.transport === 'serial' ? { framing: kind.framing } : {};
  const played: PlayedLine = {
    settings: { transport: kind.transport, ...own, ...carrier.settings },
    manner,
    asked,
    send: (bytes) => carrier.send(bytes),
    frame: (unit, pdu) => frameBytes(kind.framing, { unit, pdu }),
    interrupt: () => carrier.interrupt(),
    untilAsked: async (count) => {
      while (asked.length < count) await once(events, 'asked');
    },
    untilQuiet: () => carrier.untilQuiet(),
    leave: () => carrier.leave(),
    [Symbol.asyncDispose]: () => Promise.resolve(carrier[Symbol.asyncDispose]()),
  };
  return played;
}

function readRequest(unit: number, pdu: Buffer): LineRequest {
  const hasPlace = pdu.length >= 5;
  return {
    unit,
    pdu: Buffer.from(pdu),
    code: pdu.readUInt8(0),
    address: hasPlace ? pdu.readUInt16BE(1) : 0,
    amount: hasPlace ? pdu.readUInt16BE(3) : 0,
  };
}

async function carryByTcp(received: (bytes: Buffer) => void, renewed: () => void): Promise<Carrier> {
  const sockets = new Set<Socket>();
  const events = new EventEmitter();
  const server = createServer({ noDelay: true }, (socket) => {
    renewed();
    sockets.add(socket);
    socket.on('data', received);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      events.emit('closed');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  const leave = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return {
    settings: { host: '127.0.0.1', port },
    // What is sent for a connection that has ended meanwhile comes on the one after it, as it does from a gateway.
    send: (bytes) => void [...sockets].at(-1)?.write(bytes),
    interrupt: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    untilQuiet: async () => {
      while (sockets.size > 0) await once(events, 'closed');
    },
    leave,
    [Symbol.asyncDispose]: leave,
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
  return address.port;
}

const SPARE_PORTS = 3; // a pty cannot be made in an instant: the next ones are there already

async function carryByPty(received: (bytes: Buffer) => void, renewed: () => void): Promise<Carrier> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'port');
  const ends = await Promise.all(
    Array.from({ length: SPARE_PORTS }, (_, index) => PtyEnd.open(join(folder.path, `pty-${index}`))),
  );
  for (const end of ends) end.listen(received);
  let current = 0;
  await symlink(ends[0]?.device ?? '', path);
  const leave = async (): Promise<void> => {
    await unlink(path).catch(() => undefined);
    for (const end of ends) await end[Symbol.asyncDispose]();
  };
  const interrupt = async (): Promise<void> => {
    const [old, next] = [ends[current], ends[current + 1]];
    if (next === undefined) throw new Error('no spare port is left');
    current += 1;
    renewed();
    await symlink(next.device, `${path}-next`);
    await rename(`${path}-next`, path);
    await old?.[Symbol.asyncDispose]();
  };
  return {
    settings: { path },
    send: (bytes) => ends[current]?.send(bytes),
    interrupt: () => void interrupt(),
    untilQuiet: () => Promise.resolve(),
    leave,
    [Symbol.asyncDispose]: async () => {
      await leave();
      await folder[Symbol.asyncDispose]();
    },
  };
}
