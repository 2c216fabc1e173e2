import { describe, expect, test } from 'vitest';
import { asciiFraming } from '../../../drivers/modbus/ascii-framing.ts';
import type { Found, Framing } from '../../../drivers/modbus/framing.ts';
import {
  identificationQuestion,
  maskRegister,
  measureAnswers,
  measureRequests,
  readQuestion,
  serverIdQuestion,
  writeCoil,
  writeCoils,
  writeRegister,
  writeRegisters,
  type Measure,
  type Question,
} from '../../../drivers/modbus/pdu.ts';
import { rtuFraming } from '../../../drivers/modbus/rtu-framing.ts';
import { tcpFraming, udpFraming } from '../../../drivers/modbus/tcp-framing.ts';

// Unit 17 is asked for holding registers 107 to 109: the example of the specification, 6.3.
const QUESTION = readQuestion(17, { table: 'holding', address: 107, size: 3 });
const PDU = '0306022b00000064';

type Shown = readonly string[];

/** Feeds chunks to a framing; each piece as `frame PDU` or its kind and bytes, and what is left in the end. */
function cut(framing: Framing, chunks: readonly Buffer[], measure: Measure = measureAnswers([QUESTION])) {
  const shown: string[] = [];
  let rest = Buffer.alloc(0);
  for (const chunk of chunks) {
    const piece = framing.cut(Buffer.concat([rest, chunk]), measure);
    shown.push(...piece.found.map(show));
    rest = Buffer.from(piece.rest);
  }
  return { shown, rest };
}

function show(found: Found): string {
  if (found.kind === 'frame') return `frame ${found.pdu.toString('hex')}`;
  return found.kind === 'malformed' ? found.fault : `${found.kind} ${found.bytes.length}`;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (line: string): Buffer => Buffer.from(line, 'latin1');

/** Every way of cutting bytes in two, and one byte at a time. */
function* chunkings(bytes: Buffer): Generator<readonly Buffer[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield [...bytes].map((byte) => Buffer.of(byte));
}

const QUESTIONS: readonly (readonly [string, Question, answer: string])[] = [
  ['coils', readQuestion(1, { table: 'coil', address: 19, size: 19 }), '0103cd6b05'],
  ['discrete inputs', readQuestion(1, { table: 'discrete', address: 196, size: 22 }), '0203acdb35'],
  ['holding registers', QUESTION, PDU],
  ['input registers', readQuestion(247, { table: 'input', address: 8, size: 1 }), '0402000a'],
  ['the most registers', readQuestion(1, { table: 'input', address: 0, size: 125 }), `04fa${'3a0d'.repeat(125)}`],
  ['a coil', writeCoil(17, 172, true), '0500acff00'],
  ['a register', writeRegister(17, 1, hex('0003')), '0600010003'],
  ['coils to write', writeCoils(17, 19, [true, false, true, true]), '0f00130004'],
  ['registers to write', writeRegisters(17, 1, hex('000a0102')), '1000010002'],
  ['a masked register', maskRegister(17, 4, { and: 0xf2, or: 0x25 }), '16000400f20025'],
  ['an exception', QUESTION, '8302'],
  ['a device identification', identificationQuestion(9, 1, 0), '2b0e018100000300045765697201027631020135'],
  ['an identification without objects', identificationQuestion(9, 1, 0), '2b0e0101000000'],
  ['a server id', serverIdQuestion(9), '1104ff576569'],
];

describe.each<[string, Framing]>([
  ['TCP', tcpFraming],
  ['RTU', rtuFraming],
  ['ASCII', asciiFraming],
])('in %s', (_, framing) => {
  test.each(QUESTIONS)('%s are asked for and answered in any chunks', (_name, question, answer) => {
    const message = { transaction: framing.numbered ? 0xfffe : 0, unit: question.unit };
    const request = framing.encode({ ...message, pdu: question.pdu });
    const response = framing.encode({ ...message, pdu: hex(answer) });
    expect(request.length).toBe(framing.frameBytes(question.pdu.length));
    for (const chunks of chunkings(response)) {
      const { shown, rest } = cut(framing, chunks, measureAnswers([question]));
      expect({ shown, rest: rest.length }).toEqual({ shown: [`frame ${answer}`], rest: 0 });
    }
    for (const chunks of chunkings(request)) {
      expect(cut(framing, chunks, measureRequests).shown).toEqual([`frame ${question.pdu.toString('hex')}`]);
    }
  });

  test('two frames in one chunk are two frames', () => {
    const frame = framing.encode({ transaction: 1, unit: 17, pdu: hex(PDU) });
    expect(cut(framing, [Buffer.concat([frame, frame])]).shown).toEqual([`frame ${PDU}`, `frame ${PDU}`]);
  });
});

describe('RTU finds its frame', () => {
  const FRAME = '110306022b00000064c8ba';

  test.each<[string, string, Shown]>([
    ['behind noise', `0000ff ${FRAME}`, ['noise 3', `frame ${PDU}`]],
    ['before noise', `${FRAME} 00ff`, [`frame ${PDU}`, 'noise 2']],
    ['between noise', `11 ${FRAME} ff`, ['noise 1', `frame ${PDU}`, 'noise 1']],
    ['behind its own beginning', `110306 ${FRAME}`, ['checksum-error 3', `frame ${PDU}`]],
    ['behind the request, where the adapter echoes', `1103006b00037687 ${FRAME}`, ['noise 8', `frame ${PDU}`]],
    ["behind another unit's answer", `1203020000ccd1 ${FRAME}`, ['noise 7', `frame ${PDU}`]],
    ['behind a damaged one', `110306022b00000065c8ba ${FRAME}`, ['checksum-error 11', `frame ${PDU}`]],
    ['behind an exception with a wrong CRC', `118302c135 ${FRAME}`, ['checksum-error 5', `frame ${PDU}`]],
  ])('%s', (_, bytes, expected) => {
    expect(cut(rtuFraming, [hex(bytes)]).shown).toEqual(expected);
    for (const chunks of chunkings(hex(bytes))) {
      const { shown } = cut(rtuFraming, chunks);
      expect(shown.filter((piece) => piece.startsWith('frame'))).toEqual([`frame ${PDU}`]);
    }
  });

  test.each([
    ['one bit', '110306022b00000064c8bb'],
    ['another byte count', '110304022b0000f924'],
    ['another unit', '120306022b0000006403bb'],
    ['exception 2 without its end', '118302c1'],
  ])('never one that differs by %s', (_, bytes) => {
    for (const chunks of chunkings(hex(bytes))) {
      expect(cut(rtuFraming, chunks).shown.filter((piece) => piece.startsWith('frame'))).toEqual([]);
    }
  });

  test('and inside of one that is not finished nothing else', () => {
    // The data of this answer look like an exception to the same question.
    const data = rtuFraming.encode({ transaction: 0, unit: 17, pdu: hex('8302') });
    const answer = rtuFraming.encode({ transaction: 0, unit: 17, pdu: Buffer.concat([hex('0306'), data, hex('00')]) });
    for (const chunks of chunkings(answer)) {
      expect(cut(rtuFraming, chunks).shown).toEqual([`frame ${answer.subarray(1, -2).toString('hex')}`]);
    }
  });

  test('and tells what it does not know apart from noise, when asked', () => {
    const foreign = rtuFraming.encode({ transaction: 0, unit: 5, pdu: hex('0402002a') });
    expect(rtuFraming.recognise(Buffer.concat([foreign, hex('0000')]))).toMatchObject({
      unit: 5,
      pdu: hex('0402002a'),
    });
    expect(rtuFraming.recognise(hex('00ff00ff00ff'))).toBeUndefined();
  });

  test('and keeps no more than one frame of what never ends', () => {
    const measure = measureAnswers([serverIdQuestion(17)]);
    const { rest } = cut(rtuFraming, [Buffer.alloc(100_000, hex('1111ff'))], measure);
    expect(rest.length).toBeLessThanOrEqual(256);
  });
});

describe('ASCII finds its frame', () => {
  const FRAME = ':110306022B0000006455\r\n';

  test.each<[string, string, Shown]>([
    ['in small digits', FRAME.toLowerCase(), [`frame ${PDU}`]],
    ['behind noise', `\0\r\n12${FRAME}`, ['noise 5', `frame ${PDU}`]],
    ['before noise', `${FRAME}\r\n`, [`frame ${PDU}`, 'noise 2']],
    ['at the last colon', `:1103:110${FRAME}`, ['noise 5', 'noise 4', `frame ${PDU}`]],
    ['behind one with a wrong LRC', `:110306022B0000006456\r\n${FRAME}`, ['checksum-error 23', `frame ${PDU}`]],
    ['behind one with a letter too many', `:110306022B0000006G55\r\n${FRAME}`, ['noise 23', `frame ${PDU}`]],
    ['behind one with half a byte', `:110306022B000000645\r\n${FRAME}`, ['noise 22', `frame ${PDU}`]],
    ['behind an empty one', `:\r\n${FRAME}`, ['noise 3', `frame ${PDU}`]],
  ])('%s', (_, line, expected) => {
    expect(cut(asciiFraming, [text(line)]).shown).toEqual(expected);
    for (const chunks of chunkings(text(line))) {
      const { shown } = cut(asciiFraming, chunks);
      expect(shown.filter((piece) => piece.startsWith('frame'))).toEqual([`frame ${PDU}`]);
    }
  });

  test('and keeps no more than one frame of what never ends', () => {
    expect(cut(asciiFraming, [text(`:${'0'.repeat(100_000)}`)]).rest.length).toBe(0);
  });
});

describe('TCP cannot be read on after', () => {
  test.each([
    ['another protocol', '150300010009110306022b00000064', 'protocol id 1 instead of 0'],
    ['a length of 1', '15030000000111', 'length 1 instead of 2 to 254'],
    ['a length of 255', '1503000000ff1103', 'length 255 instead of 2 to 254'],
    ['a length of 65535, before its bytes come', '15030000ffff', 'length 65535 instead of 2 to 254'],
  ])('%s', (_, bytes, fault) => expect(cut(tcpFraming, [hex(bytes)]).shown).toEqual([fault]));
});

describe('a datagram is one whole frame, or none:', () => {
  test.each([
    ['nothing', '', '0 bytes'],
    ['half a header', '150300', '3 bytes'],
    ['half a frame', '15030000000911030602', 'length 9 in a datagram that holds 4 bytes'],
    ['more than a frame', '15030000000311830200', 'length 3 in a datagram that holds 4 bytes'],
    ['another protocol', '1503000100031183 02', 'protocol id 1 instead of 0'],
  ])('%s', (_, bytes, fault) => {
    const { shown, rest } = cut(udpFraming, [hex(bytes)]);
    expect({ shown, rest: rest.length }).toEqual({ shown: [fault], rest: 0 });
  });
});
