import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { mbus } from '../../drivers/mbus/driver.ts';
import { Station } from '../../drivers/mbus/station.ts';
import { honestly, identified, playMbus, telegram, type MbusManner } from '../support/played-mbus.ts';
import { driverContract, type FarEnd, type FarEndManner } from './driver.contract.ts';

const WHO = identified('12345678');

// 1234.567 m3; 22.5 °C; -5 W; 50 kW.h at the last set day, of tariff 2; a volume in which a digit is none.
const RECORDS = '0c13 67452301 0a5a 2502 022b fbff cc2006 50000000 0c93 3b 0000000a';

const ADDRESSES: readonly (readonly [way: string, address: number | string])[] = [
  ['by primary address', 5],
  ['by secondary address', '12345678 KAM 01 04'],
];

for (const [way, address] of ADDRESSES) driverContract(mbus, () => startFarEnd(address), ` ${way}`);

async function startFarEnd(address: number | string): Promise<FarEnd> {
  const station = new Station({
    address: typeof address === 'number' ? address : undefined,
    identification: WHO,
    telegrams: () => [telegram(WHO, RECORDS)],
  });
  const played = await playMbus([station]);
  return {
    // With the time of a request on the line, a whole wait is shorter than the second that the tests let pass.
    connection: { host: '127.0.0.1', port: played.port, timeout: '900ms', baud: 38_400 },
    gap: 1,
    device: { address },
    good: [
      { point: { record: 'volume' }, value: 1234.567 },
      { point: { record: 'flow-temperature' }, value: 22.5 },
      { point: { record: 'power' }, value: -5 },
      { point: { record: 'energy storage 1 tariff 2' }, value: 50 },
    ],
    refused: { record: 'volume storage 9' },
    undecodable: { point: { record: 'volume forward' }, reason: 'not-available' },
    asked: played.asked,
    untilAsked: (count) => played.untilAsked(count),
    untilQuiet: () => played.untilQuiet(),
    play: (manner) => {
      played.manner = manner === 'leaving' ? () => void played[Symbol.asyncDispose]() : mannerOf(manner);
    },
    [Symbol.asyncDispose]: () => played[Symbol.asyncDispose](),
  };
}

type Answering = Exclude<FarEndManner, 'leaving'>;

function mannerOf(manner: Answering): MbusManner {
  if (typeof manner === 'object') return (answer, socket) => void inPieces(answer, manner.pieces, socket);
  return MANNERS[manner];
}

const MANNERS: Readonly<Record<Extract<Answering, string>, MbusManner>> = {
  honest: honestly,
  silent: () => undefined,
  garbage: (_, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  doubled: (answer, socket) => void socket.write(Buffer.concat([answer, answer])),
  breaking: (answer, socket) => void socket.write(answer.subarray(0, 8), () => socket.resetAndDestroy()),
};

async function inPieces(answer: Buffer, size: number, socket: Socket): Promise<void> {
  for (let start = 0; start < answer.length; start += size) {
    socket.write(answer.subarray(start, start + size));
    await turnOfTheLoop();
  }
}
