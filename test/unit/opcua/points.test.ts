import { describe, expect, test } from 'vitest';
import { opcua } from '../../../drivers/opcua/driver.ts';
import { parseMember } from '../../../drivers/opcua/member.ts';
import { parseNode, printNode, resolveNode, stableNode } from '../../../drivers/opcua/node-id.ts';
import { queueRanOver, verdictOn } from '../../../drivers/opcua/quality.ts';
import { readingOf, type DataValue } from '../../../drivers/opcua/reading.ts';
import { planSubscriptions } from '../../../drivers/opcua/subscription-plan.ts';
import { isServerClock } from '../../../drivers/opcua/server-clock.ts';
import { builtIn, halves, scalarOf } from '../../../drivers/opcua/value.ts';

describe('a node id', () => {
  test.each([
    ['i=2258', { namespace: 0, identifier: 'i=2258' }],
    ['ns=2;s=Boiler.Temperature;x', { namespace: 2, identifier: 's=Boiler.Temperature;x' }],
    ['nsu=urn:a%3Bb%25;i=7', { namespace: 'urn:a;b%', identifier: 'i=7' }],
    ['g=72962B91-FA75-4AE6-8D28-B404DC7DAF63', { namespace: 0, identifier: 'g=72962B91-FA75-4AE6-8D28-B404DC7DAF63' }],
    ['ns=1;b=AQID', { namespace: 1, identifier: 'b=AQID' }],
  ])('%s', (text, node) => {
    expect(parseNode(text)).toEqual(node);
    expect(printNode(node)).toBe(text);
  });

  test.each(['', 'Boiler', 'ns=;i=1', 'i=', 'i=4294967296', 'ns=65536;i=1', 'g=1', 'nsu=;i=1', 'b=*', 's='])(
    '%s is none',
    (text) => {
      expect(parseNode(text)).toBeTypeOf('string');
    },
  );

  test('is resolved in the namespaces of the moment, and written by their URIs', () => {
    const namespaces = ['http://opcfoundation.org/UA/', 'urn:server', 'urn:a;b'];
    expect(resolveNode({ namespace: 'urn:a;b', identifier: 'i=7' }, namespaces)).toBe('ns=2;i=7');
    expect(resolveNode({ namespace: 'urn:gone', identifier: 'i=7' }, namespaces)).toBeUndefined();
    expect(stableNode(2, 'i=7', namespaces)).toBe('nsu=urn:a%3Bb;i=7');
    expect(stableNode(9, 'i=7', namespaces)).toBe('ns=9;i=7');
    expect(stableNode(0, 'i=85', namespaces)).toBe('i=85');
  });
});

test('a member path is names and indexes', () => {
  expect(parseMember('axes[2].speed')).toEqual(['axes', 2, 'speed']);
  expect(parseMember('a.b[0][1]')).toEqual(['a', 'b', 0, 1]);
  for (const text of ['', '.a', 'a..b', '[1]', 'a[', 'a[x]', 'a b']) expect(parseMember(text)).toBeTypeOf('string');
});

describe('a configuration', () => {
  test.each([
    [
      { node: 'i=1', deadband: 0.5 },
      { kind: 'absolute', value: 0.5 },
    ],
    [
      { node: 'i=1', deadband: '2%' },
      { kind: 'percent', value: 2 },
    ],
  ])('may have the server watch a deadband: %o', (keys, deadband) => {
    expect(opcua.schemas.point.parse(keys)).toMatchObject({ deadband });
  });

  test.each([
    { node: 'i=1', deadband: '2' },
    { node: 'i=1', deadband: '101%' },
    { node: 'i=1', queue: 1 },
    { node: 'i=1', index: -1 },
  ])('is refused with %o', (keys) => {
    expect(opcua.schemas.point.safeParse(keys).success).toBe(false);
  });

  const endpoint = 'opc.tcp://192.0.2.20:4840';
  test.each([
    [{ policy: 'None', mode: 'None' }, 'None does not protect'],
    [{ policy: 'Basic128Rsa15' }, 'Basic128Rsa15 does not protect'],
    [{ policy: 'Basic256', mode: 'Sign' }, 'Basic256 does not protect'],
    [{ policy: 'Basic256Sha256', mode: 'None' }, 'does not go with'],
    [{ policy: 'None', mode: 'Sign', allowInsecure: 'for a test' }, 'does not go with'],
    [{ policy: 'Best' }, 'Invalid'],
  ])('is refused with the security %o', (security, why) => {
    const { error } = opcua.schemas.connection.safeParse({ endpoint, security });
    expect(error?.issues.map(({ message }) => message).join()).toContain(why);
  });

  test('is secure by default', () => {
    expect(opcua.schemas.connection.parse({ endpoint })).toMatchObject({
      security: { policy: 'Basic256Sha256', mode: 'SignAndEncrypt' },
      user: 'none',
    });
  });

  test.each(['http://x', 'opc.tcp://', 'opc.tcp://a b', 'opc.tcp://host:port'])(
    'does not take %s for an endpoint',
    (text) => {
      expect(opcua.schemas.connection.safeParse({ endpoint: text }).success).toBe(false);
    },
  );
});

test('64 bits are exact both ways', () => {
  for (const value of [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n]) {
    const read = scalarOf({ dataType: builtIn.Int64, value: halves(value) }, 'int64');
    expect(BigInt(read as number | bigint)).toBe(value);
  }
  expect(scalarOf({ dataType: builtIn.Int64, value: halves(5n) }, 'int64')).toBe(5);
  expect(scalarOf({ dataType: builtIn.UInt64, value: halves(2n ** 63n) }, 'int64')).toEqual({ unfit: 'type-mismatch' });
});

test('a status is quality and reason; what is reserved is bad', () => {
  expect(verdictOn(0)).toEqual({ quality: 'good' });
  expect(verdictOn(0x0096_0000)).toEqual({ quality: 'good' }); // GoodLocalOverride
  expect(verdictOn(0x4094_0000)).toEqual({ quality: 'uncertain', reason: 'out-of-range' });
  expect(verdictOn(0x8034_0000)).toEqual({ quality: 'bad', reason: 'refused' });
  expect(verdictOn(0x8034_0480)).toEqual({ quality: 'bad', reason: 'refused' });
  expect(verdictOn(0xffff_ffff)).toEqual({ quality: 'bad', reason: 'device-failure' });
  expect([queueRanOver(0x480), queueRanOver(0x400)]).toEqual([true, false]);
});

const point = { number: 1, id: 'plant/x', address: opcua.schemas.point.parse({ node: 'i=1' }) } as Parameters<
  typeof readingOf
>[0];
const now = Date.UTC(2026, 10, 22);

function reading(source: number | null, server: number | null, status = 0) {
  const data: DataValue = {
    value: { dataType: builtIn.Double, arrayType: 0, dimensions: null, value: 1.5 },
    status,
    sourceTime: source ?? NaN,
    serverTime: server ?? NaN,
  };
  return readingOf(point, data, { monotonic: 7, wall: now });
}

test('times that cannot be right give way, and are told', () => {
  expect(reading(now - 5, now)).toEqual({
    point: 1,
    sourceTime: now - 5,
    receivedTime: 7,
    quality: 'good',
    value: 1.5,
  });
  for (const wrong of [Date.UTC(1601, 0, 1), 0, Date.UTC(2099, 0, 1), 8.64e15]) {
    expect(reading(wrong, now - 1)).toMatchObject({ sourceTime: now - 1, quality: 'good', reason: 'time' });
    expect(reading(wrong, wrong)).toMatchObject({ sourceTime: null, quality: 'good', reason: 'time' });
  }
  expect(reading(null, now - 1)).toEqual({
    point: 1,
    sourceTime: now - 1,
    receivedTime: 7,
    quality: 'good',
    value: 1.5,
  });
  expect(reading(now - 5, now, 0x8031_0000)).toMatchObject({
    quality: 'bad',
    value: null,
    reason: 'no-answer',
    sourceTime: now - 5,
  });
});

const item = (keys: object) => ({
  device: 'plant',
  point: { ...point, address: opcua.schemas.point.parse({ node: 'i=1', ...keys }) as typeof point.address },
  nodeId: 'i=1',
  sampling: undefined,
});

test('subscriptions are grouped by the interval at which there is something to tell, each with the clock of the server', () => {
  const settings = { publishing: 1_000, keepAlive: 5_000, sessionTimeout: 60_000 };
  const plans = planSubscriptions(
    [item({}), item({ sampling: '100ms' }), item({ sampling: '10s' }), item({ sampling: '0ms' })],
    settings,
  );
  expect(
    plans.map(({ publishing, keepAliveCount, lifetimeCount }) => [publishing, keepAliveCount, lifetimeCount]),
  ).toEqual([
    [1_000, 5, 60],
    [10_000, 1, 6],
  ]);
  expect(plans.map(({ items }) => items.map(({ sampling, queue }) => [sampling, queue]))).toEqual([
    [
      [1_000, 2],
      [100, 11],
      [0, 100],
      [5_000, 2],
    ],
    [
      [10_000, 2],
      [10_000, 2],
    ],
  ]);
  expect(plans.every(({ items }) => items.filter((each) => isServerClock(each.item)).length === 1)).toBe(true);
});
