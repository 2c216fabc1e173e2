import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { modbus } from '../../drivers/modbus/driver.ts';
import { addressedDevice, LAST_REGISTER } from '../support/addressed-device.ts';
import { describeWith } from '../support/peers.ts';
import {
  exceptionPdu,
  honestPdu,
  playLine,
  silentLine,
  type FarSide,
  type LineKind,
  type LineManner,
  type LineRequest,
} from '../support/played-line.ts';
import { driverContract, type FarEnd, type FarEndManner } from './driver.contract.ts';

const KINDS: readonly (readonly [string, LineKind])[] = [
  ['RTU over TCP', { transport: 'rtu-over-tcp', framing: 'rtu' }],
  ['ASCII over TCP', { transport: 'ascii-over-tcp', framing: 'ascii' }],
  ['a serial port in RTU', { transport: 'serial', framing: 'rtu' }],
  ['a serial port in ASCII', { transport: 'serial', framing: 'ascii' }],
];

for (const [name, kind] of KINDS) {
  describeWith(kind.transport === 'serial' ? 'socat' : [], `over ${name}`, () => {
    driverContract(modbus, () => startFarEnd(kind));
  });
}

async function startFarEnd(kind: LineKind): Promise<FarEnd> {
  const line = await playLine(kind, mannerOf('honest'));
  const isSerial = kind.transport === 'serial';
  return {
    // With the time of the bytes on the line, a whole wait is shorter than the second that the tests let pass.
    connection: { ...line.settings, timeout: '900ms', ...(isSerial && { baud: 115_200 }) },
    ...(isSerial && { gap: 1.75, absence: 'port-missing' as const }),
    ...addressedDevice,
    asked: line.asked,
    untilAsked: (count) => line.untilAsked(count),
    untilQuiet: () => line.untilQuiet(),
    play: (manner) => {
      line.manner = manner === 'leaving' ? () => void line.leave() : mannerOf(manner);
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

function answerOf(asked: LineRequest, line: FarSide): Buffer {
  const isRefused = asked.address + asked.amount - 1 > LAST_REGISTER;
  return line.frame(asked.unit, isRefused ? exceptionPdu(asked, 2) : honestPdu(asked));
}

type Answering = Exclude<FarEndManner, 'leaving'>;

function mannerOf(manner: Answering): LineManner {
  if (typeof manner === 'object') return (asked, line) => void inPieces(answerOf(asked, line), manner.pieces, line);
  return MANNERS[manner];
}

const MANNERS: Readonly<Record<Extract<Answering, string>, LineManner>> = {
  honest: (asked, line) => line.send(answerOf(asked, line)),
  silent: silentLine,
  garbage: (_, line) => line.send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
  doubled: (asked, line) => line.send(Buffer.concat([answerOf(asked, line), answerOf(asked, line)])),
  breaking: (asked, line) => {
    line.send(answerOf(asked, line).subarray(0, 4));
    line.interrupt();
  },
};

async function inPieces(answer: Buffer, size: number, line: FarSide): Promise<void> {
  for (let start = 0; start < answer.length; start += size) {
    line.send(answer.subarray(start, start + size));
    await turnOfTheLoop();
  }
}
