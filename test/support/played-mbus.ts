import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeFrame, Framer, type Frame } from '../../drivers/mbus/frame.ts';
import { overlap } from '../../drivers/mbus/overlap.ts';
import { manufacturerCode, type Identification } from '../../drivers/mbus/secondary-address.ts';
import type { Saying, Station } from '../../drivers/mbus/station.ts';

/** What the far end does with the answer to a request; it may send it, or not, or something else. */
export type MbusManner = (answer: Buffer, socket: Socket) => void;

export interface PlayedMbus extends AsyncDisposable {
  readonly port: number;
  manner: MbusManner;
  /** The requests as they arrived. */
  readonly asked: readonly Frame[];
  untilAsked(count: number): Promise<void>;
  untilQuiet(): Promise<void>;
}

/** Whoever answers requests. */
export type Talking = Pick<Station, 'answer'>;

export const honestly: MbusManner = (answer, socket) => void socket.write(answer);

/** Meters at the far end of a converter on loopback; of several that answer at once, what they say overlaps. */
export async function playMbus(stations: readonly Talking[]): Promise<PlayedMbus> {
  const asked: Frame[] = [];
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const framer = new Framer();
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      events.emit('closed');
    });
    socket.on('data', (bytes) => {
      for (const piece of framer.push(bytes)) {
        if (piece.kind !== 'frame') continue;
        asked.push(piece.frame);
        const answer = answerOf(stations, piece.frame);
        if (answer !== undefined) played.manner(answer, socket);
        events.emit('asked');
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const played: PlayedMbus = {
    port: portOf(server),
    manner: honestly,
    asked,
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

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server has a port');
  return address.port;
}

/** The answers of all who feel asked, as they are heard together. */
function answerOf(stations: readonly Talking[], frame: Frame): Buffer | undefined {
  const answers = stations.flatMap((station) => station.answer(frame) ?? []);
  return answers.length === 0 ? undefined : overlap(answers.map(encodeFrame));
}

/** A meter's identification, e.g. `identified('12345678', { medium: 7 })`. */
export function identified(id: string, { maker = 'KAM', version = 1, medium = 4 } = {}): Identification {
  return { id, manufacturer: manufacturerCode(maker) ?? 0, version, medium };
}

/** A telegram with the long header; `records` in hexadecimal. */
export function telegram(
  who: Identification,
  records: string,
  { access = 1, status = 0, configuration = 0 } = {},
): Saying {
  const header = Buffer.alloc(12);
  Buffer.from(who.id, 'hex').reverse().copy(header);
  header.writeUInt16LE(who.manufacturer, 4);
  header.writeUInt8(who.version, 6);
  header.writeUInt8(who.medium, 7);
  header.writeUInt8(access, 8);
  header.writeUInt8(status, 9);
  header.writeUInt16LE(configuration, 10);
  return { information: 0x72, data: Buffer.concat([header, Buffer.from(records.replaceAll(' ', ''), 'hex')]) };
}
