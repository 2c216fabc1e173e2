import type { Recognition } from '../../src/collect/driver.ts';
import { describeException } from './exceptions.ts';
import { fitOf, measureAnswers, readQuestion, type Question } from './pdu.ts';
import { rtuFraming } from './rtu-framing.ts';

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

/** A register of the usual first units, at the usual settings: whatever they answer is Modbus. */
export const recognitions: readonly Recognition[] = LINES.flatMap(({ baud, parity }) =>
  UNITS.map((unit): Recognition => {
    const question = readQuestion(unit, { table: 'holding', address: 0, size: 1 });
    return {
      line: { baud, parity, dataBits: 8, stopBits: 1 },
      patience: PATIENCE,
      question: rtuFraming.encode({ transaction: 0, ...question }),
      recognise: (heard) => {
        const answer = answerIn(Buffer.from(heard), question);
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

/** How the unit answered. */
function answerIn(heard: Buffer, question: Question): string | undefined {
  const { found } = rtuFraming.cut(heard, measureAnswers([question]));
  for (const each of found) {
    if (each.kind !== 'frame') continue;
    const fit = fitOf(each, question);
    if (fit === 'data') return 'it reads holding 0';
    if (fit === 'exception') return `it says: ${describeException(each.pdu.readUInt8(1))}`;
  }
  return undefined;
}
