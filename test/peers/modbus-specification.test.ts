import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { asciiFraming } from '../../drivers/modbus/ascii-framing.ts';
import { bitDecoder } from '../../drivers/modbus/decode.ts';
import type { Framing, Message } from '../../drivers/modbus/framing.ts';
import {
  dataOf,
  fitOf,
  measureAnswers,
  measureRequests,
  readQuestion,
  writeCoil,
  writeRegister,
  writeRegisters,
  type Measure,
  type Question,
} from '../../drivers/modbus/pdu.ts';
import { rtuFraming } from '../../drivers/modbus/rtu-framing.ts';
import { tcpFraming, udpFraming } from '../../drivers/modbus/tcp-framing.ts';
import { describeWith, sharedFixture } from '../support/peers.ts';

type Images = { readonly request: string; readonly response: string };

type Example = {
  readonly name: string;
  readonly unit: number;
  readonly requestPdu: string;
  readonly responsePdu: string;
  readonly meaning: { readonly bits?: number[]; readonly registers?: number[]; readonly exception?: number };
} & Readonly<Record<'tcp' | 'rtu' | 'ascii', Images>>;

// What each example of the specification asks; its registers are counted from 1.
const QUESTIONS: Readonly<Record<string, (unit: number) => Question>> = {
  '6.1 read coils 20-38': (unit) => readQuestion(unit, { table: 'coil', address: 19, size: 19 }),
  '6.3 read holding registers 108-110': (unit) => readQuestion(unit, { table: 'holding', address: 107, size: 3 }),
  '6.5 write single coil 173 ON': (unit) => writeCoil(unit, 172, true),
  '6.6 write single register 2 = 3': (unit) => writeRegister(unit, 1, Buffer.of(0, 3)),
  '6.12 write multiple registers 2-3 = 10,258': (unit) => writeRegisters(unit, 1, Buffer.of(0, 10, 1, 2)),
  '7 exception: read coil 1185 -> illegal data address': (unit) =>
    readQuestion(unit, { table: 'coil', address: 1_185, size: 1 }),
};

const FRAMINGS = [
  ['TCP', 'tcp', tcpFraming],
  ['UDP', 'tcp', udpFraming],
  ['RTU', 'rtu', rtuFraming],
  ['ASCII', 'ascii', asciiFraming],
] as const;

describeWith('fixtures', 'the examples of the specification', () => {
  const file = readFileSync(sharedFixture('modbus/spec_examples.json'), 'utf8');
  const { examples } = JSON.parse(file) as { examples: readonly Example[] };

  test('are all known here', () => {
    expect(examples.map(({ name }) => name)).toEqual(Object.keys(QUESTIONS));
  });

  describe.each(FRAMINGS)('in %s', (_, form, framing) => {
    const bytesOf = (text: string): Buffer => Buffer.from(text, form === 'ascii' ? 'latin1' : 'hex');

    test.each(examples)('$name', (example) => {
      const images = example[form];
      const request = bytesOf(images.request);
      const response = bytesOf(images.response);
      const transaction = framing.numbered ? request.readUInt16BE(0) : 0;
      const question = QUESTIONS[example.name]?.(example.unit);
      if (question === undefined) throw new Error('unknown example');

      // Our side: what we ask, and what we make of the answer.
      expect(question.pdu.toString('hex').toUpperCase()).toBe(example.requestPdu);
      expect(framing.encode({ transaction, ...question })).toEqual(request);
      const answer = theFrame(framing, response, measureAnswers([question]));
      expect(fitOf(answer, question)).toBe(example.meaning.exception === undefined ? 'data' : 'exception');
      expect(meaningOf(answer.pdu, example.meaning)).toEqual(example.meaning);

      // The far end's side: what it is asked, and what it answers.
      const asked = theFrame(framing, request, measureRequests);
      expect(asked).toMatchObject({ transaction, unit: example.unit, pdu: Buffer.from(example.requestPdu, 'hex') });
      expect(framing.encode({ ...asked, pdu: Buffer.from(example.responsePdu, 'hex') })).toEqual(response);
    });
  });
});

/** The frame that these bytes are, from the first to the last. */
function theFrame(framing: Framing, bytes: Buffer, measure: Measure): Message {
  const { found, rest } = framing.cut(bytes, measure);
  const [frame] = found;
  expect({ pieces: found.length, rest: rest.length }).toEqual({ pieces: 1, rest: 0 });
  if (frame?.kind !== 'frame') throw new Error('no frame');
  return frame;
}

function meaningOf(pdu: Buffer, { bits, registers, exception }: Example['meaning']): object {
  const data = dataOf(pdu);
  if (bits !== undefined) return { bits: bits.map((_, index) => Number(bitDecoder.decode(data, index))) };
  if (registers !== undefined) return { registers: registers.map((_, index) => data.readUInt16BE(index * 2)) };
  if (exception !== undefined) return { exception: pdu.readUInt8(1) };
  return pdu.length === 5 && pdu.readUInt8(0) >= 15 ? { ok: true } : { echo: true };
}
