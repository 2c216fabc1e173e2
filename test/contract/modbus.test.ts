import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { modbus } from '../../drivers/modbus/driver.ts';
import { addressedDevice, LAST_REGISTER } from '../support/addressed-device.ts';
import {
  exceptionFrame,
  honestFrame,
  playModbus,
  silent,
  type AskedFrame,
  type Manner,
} from '../support/played-modbus.ts';
import { driverContract, type FarEnd, type FarEndManner } from './driver.contract.ts';

driverContract(modbus, async (): Promise<FarEnd> => {
  const server = await playModbus(mannerOf('honest'));
  return {
    connection: { host: '127.0.0.1', port: server.port },
    ...addressedDevice,
    asked: server.asked,
    untilAsked: (count) => server.untilAsked(count),
    untilQuiet: () => server.untilClosed(server.connections),
    play: (manner) => {
      server.manner = manner === 'leaving' ? () => void server[Symbol.asyncDispose]() : mannerOf(manner);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

function answerOf(asked: AskedFrame): Buffer {
  return asked.address + asked.amount - 1 > LAST_REGISTER ? exceptionFrame(asked, 2) : honestFrame(asked);
}

type Answering = Exclude<FarEndManner, 'leaving'>;

function mannerOf(manner: Answering): Manner {
  if (typeof manner === 'object') return (asked, socket) => void inPieces(answerOf(asked), manner.pieces, socket);
  return MANNERS[manner];
}

const MANNERS: Readonly<Record<Extract<Answering, string>, Manner>> = {
  honest: (asked, socket) => void socket.write(answerOf(asked)),
  silent,
  garbage: (_, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  doubled: (asked, socket) => void socket.write(Buffer.concat([answerOf(asked), answerOf(asked)])),
  breaking: (asked, socket) => void socket.write(answerOf(asked).subarray(0, 8), () => socket.resetAndDestroy()),
};

async function inPieces(answer: Buffer, size: number, socket: Socket): Promise<void> {
  for (let start = 0; start < answer.length; start += size) {
    socket.write(answer.subarray(start, start + size));
    await turnOfTheLoop();
  }
}
