import { expect, test } from 'vitest';
import { parseCommand } from '../../../src/command/parse.ts';

const good = {
  id: 'a1',
  issued: '2026-11-22T09:15:00Z',
  expires: '2026-11-22T09:16:00.500Z',
  target: 'boiler/setpoint',
  value: 45.5,
};

const parse = (text: string) => parseCommand(Buffer.from(text));
const parseChanged = (changes: object) => parse(JSON.stringify({ ...good, ...changes }));

test('a command as it should be', () => {
  expect(parse(JSON.stringify(good))).toEqual({
    id: 'a1',
    issued: Date.UTC(2026, 10, 22, 9, 15),
    expires: Date.UTC(2026, 10, 22, 9, 16, 0, 500),
    target: 'boiler/setpoint',
    value: 45.5,
  });
});

test.each([
  ['10 MB', 'x'.repeat(10_000_000), 'too-large'],
  ['10 MB of brackets', '['.repeat(10_000_000), 'too-large'],
  ['as deep as it may be long', `${'['.repeat(2048)}${']'.repeat(2048)}`, 'malformed'],
  ['an own __proto__', `{"__proto__":{"target":"boiler/setpoint"},${JSON.stringify(good).slice(1)}`, 'malformed'],
  ['nothing but __proto__', `{"__proto__":${JSON.stringify(good)}}`, 'malformed'],
  ['an own constructor', `{"constructor":{"prototype":{}},${JSON.stringify(good).slice(1)}`, 'malformed'],
  ['a list', `[${JSON.stringify(good)}]`, 'malformed'],
  ['null', 'null', 'malformed'],
  ['no JSON', 'boiler on!', 'malformed'],
  ['nothing', '', 'malformed'],
])('%s is refused', (_, text, reason) => {
  expect(parse(text)).toMatchObject({ reason });
});

test.each([
  { id: '' },
  { id: 'x'.repeat(65) },
  { id: 'a\nb' },
  { id: 7 },
  { issued: 'yesterday' },
  { issued: '2026-13-22T09:15:00Z' },
  { expires: 1_795_338_900_000 },
  { target: 'boiler' },
  { target: 'boiler/set/point' },
  { target: ['boiler/setpoint'] },
  { value: null },
  { value: { $gt: 0 } },
  { value: 'x'.repeat(257) },
  { more: true },
])('%j is refused as it is', (changes) => {
  expect(parseChanged(changes)).toMatchObject({ reason: 'malformed' });
});

test('a number beyond all numbers is none', () => {
  expect(parse(JSON.stringify(good).replace('45.5', '1e999'))).toMatchObject({ reason: 'malformed' });
});

test('bytes that are not UTF-8 are refused', () => {
  expect(parseCommand(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).toMatchObject({ reason: 'malformed' });
});

const { target: _target, value: _value, ...head } = good;
const parseRequest = (request: object) => parse(JSON.stringify({ ...head, ...request }));

test('a request for sequences, of an epoch where one is named; they are put in order', () => {
  const covers = [
    [100, 200],
    [10, 20],
    [20, 30],
  ];
  expect(parseRequest({ replay: { epoch: '6f1c9a2e', covers } })).toMatchObject({
    id: 'a1',
    target: 'replay',
    value: '11..30, 101..200',
    request: {
      kind: 'replay',
      epoch: '6f1c9a2e',
      span: {
        ranges: [
          { after: 10, upto: 30 },
          { after: 100, upto: 200 },
        ],
      },
    },
  });
});

test('a request for times, and one for the catalogue', () => {
  const [from, to] = ['2026-11-22T09:00:00Z', '2026-11-22T10:00:00Z'];
  expect(parseRequest({ replay: { from, to } })).toMatchObject({
    target: 'replay',
    value: '2026-11-22T09:00:00.000Z/2026-11-22T10:00:00.000Z',
    request: { kind: 'replay', epoch: null, span: { from: Date.parse(from), to: Date.parse(to) } },
  });
  expect(parseRequest({ catalogue: true })).toMatchObject({ target: 'catalogue', request: { kind: 'catalogue' } });
});

test.each([
  { replay: {} },
  { replay: { covers: [] } },
  { replay: { covers: [[6, 4]] } },
  { replay: { covers: [[4, 4]] } },
  { replay: { covers: [[-1, 4]] } },
  { replay: { covers: [[0, 1e300]] } },
  { replay: { covers: [[0, 4]], epoch: 'x' } },
  { replay: { covers: [[0, 4]], from: '2026-11-22T09:00:00Z', to: '2026-11-22T10:00:00Z' } },
  { replay: { from: '2026-11-22T09:00:00Z' } },
  { replay: { from: '2026-11-22T10:00:00Z', to: '2026-11-22T09:00:00Z' } },
  { replay: { covers: [[0, 4]] }, target: 'boiler/setpoint', value: 1 },
  { replay: { covers: [[0, 4]] }, catalogue: true },
  { catalogue: false },
])('%j is no request', (request) => {
  expect(parseRequest(request)).toMatchObject({ reason: 'malformed' });
});
