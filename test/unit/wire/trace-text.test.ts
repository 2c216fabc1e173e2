import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/model/errors.ts';
import { formatTrace, formatTraceHead, formatTraceLine, parseTrace, type Trace } from '../../../src/wire/trace-text.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const trace: Trace = {
  driver: 'modbus',
  transport: 'serial',
  settings: { path: '/dev/ttyUSB0', baud: 9600, rs485: { rtsOnSend: true } },
  started: Date.UTC(2026, 10, 22, 9, 15),
  frames: [
    {
      seconds: 0,
      direction: 'sent',
      bytes: Buffer.from('01030064000285d4', 'hex'),
      meaning: 'unit 1: read holding 100, 2 registers',
    },
    { seconds: 0.021, direction: 'received', bytes: Buffer.from('010304006400657a07', 'hex'), meaning: '' },
    { seconds: 86_400.5, direction: 'received', bytes: Buffer.from('ff', 'hex'), meaning: 'noise # 1 byte' },
  ],
};

const text = `# weir trace 1
# driver: modbus
# transport: serial
# settings: {"path":"/dev/ttyUSB0","baud":9600,"rs485":{"rtsOnSend":true}}
# started: 2026-11-22T09:15:00.000Z
0.000 > 01 03 00 64 00 02 85 d4 # unit 1: read holding 100, 2 registers
0.021 < 01 03 04 00 64 00 65 7a 07
86400.500 < ff # noise # 1 byte
`;

test('a recording is a text that people can read, and comes back from it as it was', () => {
  expect(formatTrace(trace)).toBe(text);
  expect(parseTrace(text, 'basement.trace')).toEqual(trace);
});

test('a recording can be written as it grows', () => {
  const { frames, ...head } = trace;
  const grown = [formatTraceHead(head), ...frames.map(formatTraceLine)].join('');
  expect(grown).toBe(text);
});

test('frames of every length and any bytes come back as they were', () => {
  const random = randomNumbers(1);
  const frames = Array.from({ length: 300 }, (_, index) => ({
    seconds: index / 8,
    direction: index % 2 === 0 ? ('sent' as const) : ('received' as const),
    bytes: Buffer.from(Array.from({ length: index + 1 }, () => random.below(256))),
    meaning: `frame ${index}`,
  }));
  expect(parseTrace(formatTrace({ ...trace, frames }), 'x').frames).toEqual(frames);
});

test('a meaning of several lines stays on its line', () => {
  const [frame] = trace.frames;
  if (frame === undefined) expect.unreachable();
  const line = formatTraceLine({ ...frame, meaning: ' unit 1:\n\texception 2\n' });
  expect(line).toBe('0.000 > 01 03 00 64 00 02 85 d4 # unit 1: exception 2\n');
});

test('what people do to a text does no harm: remarks, empty lines, bytes without spaces, other ends of lines', () => {
  const edited = text
    .replace('0.021 <', '\n# the meter is slow today\n0.021 <')
    .replace('01 03 04 00 64 00 65 7a 07', '01030400 6400657A07')
    .replaceAll('\n', '\r\n');
  expect(parseTrace(edited, 'x')).toEqual(trace);
});

test.each([
  ['an empty file', '', 1, 'a trace begins with "# weir trace 1"'],
  ['another version', text.replace('trace 1', 'trace 2'), 1, 'a trace begins with "# weir trace 1"'],
  ['a head without a driver', text.replace('# driver: modbus\n', ''), 1, 'its head has no line "# driver: …"'],
  ['settings that are none', text.replace('{"path"', '{path'), 4, /^"\{path.*" cannot be settings$/],
  ['a list as settings', text.replace(/settings: .*/, 'settings: [1]'), 4, '"[1]" cannot be settings'],
  ['no time', text.replace('2026-11-22T', 'yesterday '), 5, '"yesterday 09:15:00.000Z" cannot be started'],
  ['half a byte', text.replace('7a 07', '7a 0'), 7, /^expected e\.g\. ".*", got "0\.021 < 01 03 04 00 64 00 65 7a 0"$/],
  ['no bytes', text.replace('< ff', '<'), 8, /^expected/],
  ['no direction', text.replace('0.021 <', '0.021 -'), 7, /^expected/],
  ['a negative time', text.replace('0.021', '-0.021'), 7, /^expected/],
  ['words', text + 'and so on', 9, 'expected e.g. "0.021 < 01 03 # meaning", got "and so on"'],
])('%s is refused, naming the line', (_, broken, line, why) => {
  try {
    parseTrace(broken, 'basement.trace');
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const place = `basement.trace:${line}: `;
    expect([error.code, error.message.slice(0, place.length)]).toEqual(['usage', place]);
    expect(error.message.slice(place.length)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
  }
});
