import type { Recognition } from '../../src/collect/driver.ts';
import { describeException } from './exceptions.ts';
import { fitOf, measureAnswers, readQuestion, type Question } from './pdu.ts';
import type { Framing } from './framing.ts';
import { rtuFraming } from './rtu-framing.ts';
import { tcpFraming } from './tcp-framing.ts';

// By how often they are met: the standard's own setting is not the first.
const LINES = [
  { baud: 9_600, parity: 'none' },
  { baud: 9_600, parity: 'even' },
  { baud: 19_200, parity: 'even' },
  { baud: 19_200, parity: 'none' },
  { baud: 38_400, parity: 'none' },
  { baud: 115_200, parity: 'none' },
  { baud: 2_400, parity: 'none' },
  { baud: 4_800, parity: 'none' },
] as const;

// What devices are delivered with; a scan finds the others.
const UNITS = [1, 2, 3, 10, 247] as const;

const PATIENCE = 300; // milliseconds: an answer of seven bytes at 2 400 Bd takes 32, a slow device 200

// MODBUS Messaging on TCP/IP 1.0b, 4.3: 255 is the device itself, whatever is behind it; some answer only to 1.
const NETWORK_UNITS = [1, 255] as const;
const NETWORK_PATIENCE = 1_000; // milliseconds
const TRANSACTION = 0x57_45; // which nothing else says by chance

/** Over Modbus/TCP: an exception is an answer too. */
const ofNetwork = NETWORK_UNITS.map((unit): Recognition => {
  const question = readQuestion(unit, { table: 'holding', address: 0, size: 1 });
  return {
    line: { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1 },
    isOfNetwork: true,
    patience: NETWORK_PATIENCE,
    question: tcpFraming.encode({ transaction: TRANSACTION, ...question }),
    recognise: (heard) => {
      const answer = answerIn(Buffer.from(heard), question, { framing: tcpFraming, transaction: TRANSACTION });
      return answer === undefined
        ? undefined
        : {
            summary: `Modbus TCP, unit ${unit} (${answer})`,
            serial: {},
            network: { transport: 'tcp' },
            device: { unit },
          };
    },
  };
});

const ofLines = LINES.flatMap(({ baud, parity }) =>
  UNITS.map((unit): Recognition => {
    const question = readQuestion(unit, { table: 'holding', address: 0, size: 1 });
    return {
      line: { baud, parity, dataBits: 8, stopBits: 1 },
      patience: PATIENCE,
      question: rtuFraming.encode({ transaction: 0, ...question }),
      recognise: (heard) => {
        const answer = answerIn(Buffer.from(heard), question, { framing: rtuFraming, transaction: 0 });
        return answer === undefined
          ? undefined
          : {
              summary: `Modbus RTU, unit ${unit} (${answer})`,
              serial: { transport: 'serial', baud, parity },
              network: { transport: 'rtu-over-tcp' },
              device: { unit },
            };
      },
    };
  }),
);

/** A register of the usual first units, at the usual settings: whatever they answer is Modbus. */
export const recognitions: readonly Recognition[] = [...ofNetwork, ...ofLines];

/** How the unit answered. */
function answerIn(
  heard: Buffer,
  question: Question,
  { framing, transaction }: { readonly framing: Framing; readonly transaction: number },
): string | undefined {
  const { found } = framing.cut(heard, measureAnswers([question]));
  for (const each of found) {
    if (each.kind !== 'frame' || each.transaction !== transaction) continue;
    const fit = fitOf(each, question);
    if (fit === 'data') return 'it reads holding 0';
    if (fit === 'exception') return `it says: ${describeException(each.pdu.readUInt8(1))}`;
  }
  return undefined;
}
