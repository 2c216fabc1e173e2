import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { hdlcAttendant, wrapperAttendant } from '../../drivers/dlms/attendants.ts';
import { CosemServer, type ServerSettings } from '../../drivers/dlms/cosem-server.ts';
import type { Data } from '../../drivers/dlms/data.ts';
import type { PlayedObject } from '../../drivers/dlms/played-object.ts';
import { deviceSchema } from '../../drivers/dlms/schema.ts';
import type { FarEndManner } from '../contract/driver.contract.ts';

/** Meters at the end of a TCP connection, that treat what they are asked as a test wants. */
export interface PlayedDlms extends AsyncDisposable {
  readonly port: number;
  /** Chunks that arrived: a request or an acknowledgement each. */
  readonly asked: readonly Buffer[];
  manner: FarEndManner;
  untilAsked(count: number): Promise<void>;
  untilQuiet(): Promise<void>;
}

export type PlayedDlmsSettings = {
  readonly framing: 'hdlc' | 'wrapper';
  /** The keys of a device by which it is reached. */
  readonly device?: object;
  readonly server: Partial<ServerSettings> & Pick<ServerSettings, 'objects'>;
};

export async function playDlms({ framing, device = {}, server: settings }: PlayedDlmsSettings): Promise<PlayedDlms> {
  const meter = {
    settings: deviceSchema.parse(device),
    begin: () => new CosemServer({ access: { kind: 'none' }, maxPdu: 1_024, seconds: () => 0, ...settings }),
  };
  const attend = framing === 'hdlc' ? hdlcAttendant([meter]) : wrapperAttendant([meter]);
  const sockets = new Set<Socket>();
  const events = new EventEmitter();
  const asked: Buffer[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const received = attend({
      send: (bytes) => void answer(bytes, socket, played.manner),
      hangUp: () => socket.destroy(),
    });
    socket.on('data', (bytes) => {
      asked.push(bytes);
      if (played.manner === 'leaving') void played[Symbol.asyncDispose]();
      else received(bytes);
      events.emit('asked');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      events.emit('closed');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const played: PlayedDlms = {
    port: (server.address() as AddressInfo).port,
    asked,
    manner: 'honest',
    untilAsked: async (count) => {
      while (asked.length < count) await once(events, 'asked');
    },
    untilQuiet: async () => {
      while (sockets.size > 0) await once(events, 'closed');
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

async function answer(bytes: Buffer, socket: Socket, manner: FarEndManner): Promise<void> {
  if (typeof manner === 'object') {
    for (let start = 0; start < bytes.length; start += manner.pieces) {
      socket.write(bytes.subarray(start, start + manner.pieces));
      await turnOfTheLoop();
    }
  } else if (manner === 'honest') socket.write(bytes);
  else if (manner === 'doubled') socket.write(Buffer.concat([bytes, bytes]));
  else if (manner === 'garbage') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  else if (manner === 'breaking') socket.write(bytes.subarray(0, 8), () => socket.resetAndDestroy());
}

/** An object that holds one value, and scaler and unit where it is a register. */
export function holding(
  classId: number,
  name: string,
  value: Data,
  scale?: readonly [scaler: number, unit: number],
): PlayedObject {
  const attributes = new Map([[2, () => value]]);
  const [scaler = 0, unit = 255] = scale ?? [];
  const scalerUnit: Data = {
    type: 'structure',
    items: [
      { type: 'int8', value: scaler },
      { type: 'enum', value: unit },
    ],
  };
  if (scale !== undefined) attributes.set(3, () => scalerUnit);
  return { classId, name, attributes };
}
