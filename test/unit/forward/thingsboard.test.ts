import { expect, test } from 'vitest';
import { thingsboardFormat } from '../../../src/forward/formats/thingsboard.ts';
import { DevicePresence } from '../../../src/forward/presence.ts';
import { knownPoint, sessionFacts, START } from '../../support/formats.ts';

const presence = new DevicePresence(new Map([['meter', 'bus']]));
const points = [
  knownPoint('meter/power', 0, { unit: 'W', quantity: 'active-power', obis: '1-0:16.7.0' }),
  knownPoint('boiler/setpoint', 1, { write: { max: 80 } }),
];

function introduced() {
  const session = thingsboardFormat.session(sessionFacts({ presence }));
  return { session, said: session.introduction(points, START) };
}

function call(body: unknown, topic = 'v1/gateway/rpc') {
  return { topic, payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), retained: false };
}

test('each device that is there is connected, and what its points mean are its attributes', () => {
  const { said } = introduced();
  expect(said.map(({ topic, payload }) => [topic, JSON.parse(payload.toString())])).toEqual([
    ['v1/gateway/connect', { device: 'meter' }],
    ['v1/gateway/connect', { device: 'boiler' }],
    [
      'v1/gateway/attributes',
      { meter: { 'power.unit': 'W', 'power.quantity': 'active-power', 'power.obis': '1-0:16.7.0' }, boiler: {} },
    ],
  ]);
});

test('a device that is lost is disconnected, and connected when it is back', () => {
  const { session } = introduced();
  const topics = [true, false].flatMap((isLost) => session.presence('meter', isLost, START)).map(({ topic }) => topic);
  expect(topics).toEqual(['v1/gateway/disconnect', 'v1/gateway/connect']);
});

test('a call whose method is a point asks to write it; anything else asks for nothing', () => {
  const { session } = introduced();
  expect(session.filters(points)).toEqual(['v1/gateway/rpc']);
  expect(session.filters(points.slice(0, 1))).toEqual([]);
  const good = { device: 'boiler', data: { id: 1, method: 'setpoint', params: 21.5 } };
  expect(session.understand(call(good))).toEqual([
    {
      kind: 'command',
      command: { id: 'boiler.1', issued: 'arrival', expires: null, target: 'boiler/setpoint', value: 21.5 },
      retained: false,
    },
  ]);
  const bad = [
    { device: 'boiler', data: { id: 1, method: 'setpoint', params: { deep: 1 } } },
    { device: 'boiler', data: { id: 1, method: '__proto__', params: 1 } },
    { device: 'boiler', data: { method: 'setpoint', params: 1 } },
    { device: 'boiler' },
    null,
    [],
    'no JSON',
  ];
  expect(bad.flatMap((body) => session.understand(call(body)))).toEqual([]);
  expect(session.understand(call(good, 'v1/gateway/attributes'))).toEqual([]);
});

test('a call is answered with what became of it', () => {
  const { session } = introduced();
  const result = { id: 'boiler.1', target: 'boiler/setpoint', status: 'done', value: 21.5 } as const;
  const [answer] = session.result({ ...result, reason: null, detail: null, time: START });
  expect([answer?.topic, JSON.parse(String(answer?.payload))]).toEqual([
    'v1/gateway/rpc',
    { device: 'boiler', id: 1, data: { status: 'done', reason: null, value: 21.5 } },
  ]);
});
