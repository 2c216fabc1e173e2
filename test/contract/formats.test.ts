import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { formatNames, type FormatName, type FormatOptions } from '../../src/config/configuration.ts';
import { parseTemplate, type Template } from '../../src/config/template.ts';
import type { Message } from '../../src/forward/destination.ts';
import type { FormatSession, MessageLimits } from '../../src/forward/format.ts';
import { formats as registry } from '../../src/forward/formats.ts';
import { packetOverhead } from '../../src/forward/packet-size.ts';
import { DevicePresence } from '../../src/forward/presence.ts';
import { batchOf, identity, knownPoint, sessionFacts, START, type Taken } from '../support/formats.ts';
import { decode } from '../support/sparkplug-host.ts';
import { valuesIn } from '../support/format-readers.ts';

// What every format promises, whatever it looks like; and each against the rules of its specification, as a schema.

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);

function template(text: string): Template {
  const parsed = parseTemplate(text);
  if ('unknown' in parsed) throw new Error(parsed.unknown);
  return parsed;
}

const options: FormatOptions = {
  sparkplug: { group: 'city' },
  custom: {
    topic: template('plant/{{gateway}}/{{device}}'),
    payload: template(
      '{"p":"{{point}}","t":{{milliseconds}},"v":{{value}},"q":"{{quality}}","u":"{{unit}}","e":"{{epoch}}"}',
    ),
    join: 'array',
  },
};

const points = [
  knownPoint('meter/power', 0, { unit: 'W', quantity: 'active-power' }),
  knownPoint('meter/energy', 1, { type: 'uint64', unit: 'kW.h' }),
  knownPoint('boiler/name', 2, { type: 'string' }),
  knownPoint('boiler/on', 3, { type: 'bool', write: {} }),
];

const lookup = (number: number) => points[number] ?? null;

/** Of every kind that a reading can be. */
const readings: readonly Taken[] = [
  { point: 0, value: 230.1 },
  { point: 0, value: -0.000001, receivedTime: 1 },
  { point: 0, value: 1e300, receivedTime: 2 },
  { point: 1, value: 42, receivedTime: 2 },
  { point: 1, value: 2n ** 63n + 1n, receivedTime: 3 },
  { point: 2, value: 'Zähler "7" <b>\n', receivedTime: 3 },
  { point: 3, value: true, receivedTime: 3 },
  { point: 3, value: false, receivedTime: 4 },
  { point: 0, value: null, quality: 'bad', reason: 'no-answer', receivedTime: 4 },
  { point: 0, value: 5, quality: 'uncertain', reason: 'time', receivedTime: 5 },
  { point: 0, value: 6, receivedTime: 6, sourceTime: START + 5 },
  { point: 1, value: null, quality: 'bad', reason: 'refused', receivedTime: 6 },
];

const FORMER_EPOCH = '0ddba11c';
const EPOCH_IN_DATA: readonly FormatName[] = ['json', 'custom'];
const TELL_LOSSES: readonly FormatName[] = ['json', 'sparkplug-b'];

const ROOMY: MessageLimits = { readings: 1000, bytes: 256 * 1024 };

function sessionOf(name: FormatName, more: FormatOptions = {}): FormatSession {
  const presence = new DevicePresence(new Map([['meter', 'bus']]));
  const session = registry[name].session(sessionFacts({ options: { ...options, ...more }, presence }));
  session.introduction(points, START);
  return session;
}

/** The messages of a batch, as many as the limits make necessary. */
function encoded(session: FormatSession, taken: readonly Taken[], limits = ROOMY): Message[][] {
  const encoder = session.encoder('live', lookup);
  const batch = batchOf(taken);
  const all: Message[][] = [];
  for (let from = 0; from < taken.length;) {
    from = encoder.add(batch, from, taken.length, limits);
    all.push([...encoder.finish({ covers: { after: 0, upto: from }, clock: 'synchronised', sent: START })]);
  }
  return all;
}

describe.each(formatNames)('the format %s', (name) => {
  const { delivery } = registry[name];

  test('brings every reading once, exactly', () => {
    const expected = readings.map(({ point = 0, value, quality = 'good', receivedTime = 0 }) => ({
      point: points[point]?.definition.id,
      wall: START + receivedTime,
      value: typeof value === 'bigint' ? String(value) : value,
      quality,
    }));
    const session = sessionOf(name);
    const introduction = session.introduction(points, START);
    const read = valuesIn(name, [...introduction, ...encoded(session, readings).flat()]);
    expect(read.toSorted(byPoint)).toEqual(expected.toSorted(byPoint));
  });

  test('sends as its contract says', () => {
    const session = sessionOf(name);
    const data = encoded(session, readings).flat();
    const said = [...session.introduction(points, START), ...session.presence('meter', true, START)];
    const all = [...data, ...said, ...session.farewell(START)];
    expect(all.every(({ qos }) => qos === (delivery.acknowledgement === 'puback' ? 1 : 0))).toBe(true);
    expect(data.every(({ retain }) => !retain)).toBe(true);
    const retained = [...said, ...(session.will === undefined ? [] : [session.will])].filter(({ retain }) => retain);
    const isNamed = (topic: string): boolean => delivery.retained.some((each) => topic.includes(each));
    expect(retained.every(({ topic }) => isNamed(topic))).toBe(true);
    expect(delivery.retained.every((each) => retained.some(({ topic }) => topic.includes(each)))).toBe(true);
  });

  test('keeps to the limits, and knows what its packets have beside the payload', () => {
    const session = sessionOf(name);
    const many = Array.from({ length: 500 }, (_, index) => ({
      point: index % 4,
      receivedTime: index,
      value: VALUES[index % 4] ?? null,
    }));
    const limits = { readings: 100, bytes: 4000 };
    const messages = encoded(session, many, limits);
    expect(messages.length).toBeGreaterThanOrEqual(5);
    for (const { topic, payload, properties } of messages.flat()) {
      expect(payload.length).toBeLessThanOrEqual(limits.bytes);
      expect(packetOverhead(topic, properties)).toBeLessThanOrEqual(session.overhead);
    }
  });

  test('says the quality of a reading that no longer fitted, in the message after', () => {
    const session = sessionOf(name);
    const introduction = session.introduction(points, START);
    const taken: Taken[] = [
      { point: 0, value: null, quality: 'bad', reason: 'no-answer' },
      { point: 2, value: 'x'.repeat(600), receivedTime: 1 },
      { point: 0, value: 7, receivedTime: 2 },
    ];
    const messages = encoded(session, taken, { readings: 2, bytes: 1000 });
    const read = valuesIn(name, [...introduction, ...messages.flat()]).filter(({ point }) => point === 'meter/power');
    expect(read.map(({ quality }) => quality)).toEqual(['bad', 'good']);
  });

  test('takes a reading that alone is more than the limit', () => {
    const [first] = encoded(sessionOf(name), [{ point: 2, value: 'x'.repeat(5000) }], { readings: 100, bytes: 1000 });
    expect(first?.some(({ payload }) => payload.includes('x'.repeat(5000)))).toBe(true);
  });

  test('speaks of nothing only where it names what it covers', () => {
    const encoder = sessionOf(name).encoder('live', () => null);
    encoder.add(batchOf(readings), 0, readings.length, ROOMY);
    const messages = encoder.finish({ covers: { after: 0, upto: 9 }, clock: 'synchronised', sent: START });
    expect(messages.length).toBe(delivery.coverage === 'message' ? 1 : 0);
  });

  test('brings what was salvaged of an earlier journal exactly, and names that journal wherever it names one', () => {
    const session = sessionOf(name);
    const introduction = session.introduction(points, START);
    // Their numbers in that journal were others, and its sequences have nothing to do with those of now.
    const encoder = session.encoder('backlog', (number) => points[number - 7] ?? null, FORMER_EPOCH);
    const salvaged = batchOf(
      readings.map((reading) => ({ ...reading, point: (reading.point ?? 0) + 7 })),
      900_000,
    );
    expect(encoder.add(salvaged, 0, readings.length, ROOMY)).toBe(readings.length);
    const covers = { after: 899_999, upto: 900_000 + readings.length - 1 };
    const former = encoder.finish({ covers, clock: 'synchronised', sent: START });
    const now = encoded(session, readings).flat();
    const read = (messages: readonly Message[]) =>
      valuesIn(
        name,
        [...introduction, ...messages].map((each) => ({ ...each, topic: each.topic.replace('/backlog', '/live') })),
      ).toSorted(byPoint);
    expect(read(former)).toEqual(read(now));
    expect(read(former)).toHaveLength(readings.length);
    const namesEpoch = ({ payload }: Message): boolean => payload.includes(FORMER_EPOCH);
    expect([former, now].map((each) => each.some(namesEpoch))).toEqual([EPOCH_IN_DATA.includes(name), false]);
    if (EPOCH_IN_DATA.includes(name))
      expect(former.every(({ payload }) => !payload.includes(identity.epoch))).toBe(true);
  });

  test('tells of what is lost of an earlier journal under the epoch of that, where it tells of losses at all', () => {
    const session = sessionOf(name);
    const loss = { range: { after: 3, upto: 9 }, count: 6, from: START, to: START, reason: 'damaged' } as const;
    const record = { number: 1, range: loss.range, shift: 5, clock: 'synchronised' } as const;
    const losses = session.loss(loss, START, FORMER_EPOCH);
    const records = [...losses, ...session.correction(record, START, FORMER_EPOCH)];
    expect(losses.length > 0).toBe(TELL_LOSSES.includes(name));
    for (const { payload } of records) {
      expect([payload.includes(FORMER_EPOCH), payload.includes(identity.epoch)]).toEqual([true, false]);
    }
    for (const { payload } of session.loss(loss, START)) expect(payload.includes(identity.epoch)).toBe(true);
  });

  test('makes nothing of whatever bytes the far end sends', () => {
    const session = sessionOf(name);
    const topics = ['spBv1.0/city/NCMD/harbour-07', 'spBv1.0/city/DCMD/harbour-07/boiler', 'v1/gateway/rpc', '', '/'];
    for (let seed = 0; seed < 2000; seed += 1) {
      const payload = Buffer.from(
        Array.from({ length: seed % 40 }, (_, index) => (seed * 31 + index * 17 + ((seed * index) >> 3)) & 0xff),
      );
      for (const topic of topics)
        expect(Array.isArray(session.understand({ topic, payload, retained: false }))).toBe(true);
    }
  });
});

type Named = { readonly point: string | undefined };

function byPoint(a: Named, b: Named): number {
  return (a.point ?? '').localeCompare(b.point ?? '');
}

const VALUES = [230.1, 42, 'name', true];

const schemas: readonly (readonly [FormatName, schema: string, more: FormatOptions])[] = [
  ['senml', 'senml', {}],
  ['senml', 'senml', { senml: { baseName: 'urn:dev:ops:32473-harbour:' } }],
  ['thingsboard', 'thingsboard-telemetry', {}],
  ['fiware', 'iot-agent', { fiware: { apiKey: 'k', form: 'iot-agent' } }],
  ['fiware', 'ngsi-ld', { fiware: { apiKey: 'k', form: 'ngsi-ld' } }],
  ['opcua-pubsub', 'opcua-pubsub', {}],
];

test('sparkplug-b marks what was salvaged as history, and what is read after it as news whatever its sequence is', () => {
  const session = sessionOf('sparkplug-b');
  const said = (lane: 'live' | 'backlog', first: number, epoch?: string): (boolean | undefined)[] => {
    const encoder = session.encoder(lane, lookup, epoch);
    encoder.add(batchOf([{ value: 230.5 }, { value: 7, quality: 'uncertain', reason: 'time' }], first), 0, 2, ROOMY);
    const messages = encoder.finish({
      covers: { after: first - 1, upto: first + 1 },
      clock: 'synchronised',
      sent: START,
    });
    const data = messages.filter(({ topic }) => topic.includes('/DDATA/'));
    return data.flatMap(({ payload }) => decode(payload).metrics.map(({ isHistorical }) => isHistorical === true));
  };
  expect(said('backlog', 900_000, FORMER_EPOCH)).toEqual([true, true]);
  expect(said('live', 1)).toEqual([false, false]);
});

test.each(schemas)('%s holds the rules of %s', (name, schema, more) => {
  const text = readFileSync(new URL(`../fixtures/format-schemas/${schema}.schema.json`, import.meta.url), 'utf8');
  const validate = ajv.compile(JSON.parse(text) as object);
  const session = sessionOf(name, more);
  const states = name === 'thingsboard' ? [] : [...session.introduction(points, START), ...session.farewell(START)];
  const messages = [...encoded(session, readings).flat(), ...states];
  for (const { payload } of messages) {
    expect(validate(JSON.parse(payload.toString())), JSON.stringify(validate.errors)).toBe(true);
  }
  expect(messages.length).toBeGreaterThan(0);
});
