import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { openOther, otherServer, type OtherServer } from '../support/opcua-other.ts';
import { Ear, NEVER } from '../support/opcua-session.ts';

// What must hold with every server: one of our own, or the one that WEIR_OPCUA_ENDPOINT names.

let server: OtherServer;

beforeAll(async () => {
  server = await otherServer();
  const [security = ''] = server.securities;
  await using _first = await openOther(server, security, server.nodes); // the stack takes a while to load
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A session by the first of the securities. */
function open(nodes: readonly string[], keys: object = {}) {
  return openOther(server, server.securities[0] ?? '', nodes, keys);
}

async function read(nodes: readonly string[], security: string): Promise<readonly Reading[]> {
  await using opened = await openOther(server, security, nodes);
  return await (opened.session as Session).read(opened.device, opened.device.points, NEVER);
}

test('every node has a value, over every channel', async () => {
  for (const security of server.securities) {
    const readings = await read(server.nodes, security);
    expect([security, readings.map(({ quality }) => quality)]).toEqual([security, server.nodes.map(() => 'good')]);
    for (const { sourceTime, value } of readings) {
      expect(value).toBeTypeOf('string');
      expect(sourceTime === null || Math.abs(sourceTime - Date.now()) < 10 * 365 * 86_400_000).toBe(true);
    }
  }
}, 120_000);

test('a node that there is not is refused, and the others still arrive', async () => {
  const readings = await read(['nsu=urn:nobody;s=x', 'i=4294967294', ...server.nodes], server.securities[0] ?? '');
  expect(readings.toSorted((one, other) => one.point - other.point).map(({ quality }) => quality)).toEqual([
    'bad',
    'bad',
    ...server.nodes.map(() => 'good'),
  ]);
}, 60_000);

test('a subscription tells of every node once, and of one that changes again and again', async () => {
  await using opened = await open([...server.nodes, server.changing]);
  await using ear = new Ear(opened.session, opened.device);
  const changing = `point-${server.nodes.length}`;
  await ear.until(() => new Set(ear.of(changing).map(({ value }) => value)).size >= 3);
  for (const index of server.nodes.keys()) expect(ear.of(`point-${index}`).length).toBeGreaterThan(0);
  const [, ...told] = ear.of(changing); // the first was read, perhaps after the second arose
  const times = told.map(({ sourceTime }) => sourceTime ?? 0);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
}, 60_000);

test('its tree has places, and those that hold values say how they are read', async () => {
  await using opened = await open(server.nodes);
  const session = opened.session as Session;
  const top = (await session.browse?.(undefined, NEVER)) ?? [];
  expect(top.length).toBeGreaterThan(0);
  expect(top.map(({ name }) => name)).toContain('Server');
  const status = (await session.browse?.('i=2256', NEVER)) ?? []; // ServerStatus
  expect(status.find(({ name }) => name === 'CurrentTime')).toMatchObject({
    value: { access: 'read' },
    point: { node: 'i=2258', type: 'string' },
  });
}, 60_000);

test('it says what it is', async () => {
  await using opened = await open(server.nodes);
  const identity = await (opened.session as Session).identify?.(opened.device, NEVER);
  expect(identity?.facts.map(({ name }) => name)).toContain('security');
}, 60_000);

test('the last hour of a node with history comes in order of time, marked', async ({ skip }) => {
  const { historical } = server;
  if (historical === undefined) return skip('WEIR_OPCUA_HISTORY names no node');
  await using opened = await open([historical]);
  const { session, device } = opened;
  const now = Date.now();
  const span = { from: now - 3_600_000, to: now - 60_000 };
  const asked = (session as Session).history?.(device, device.points, span, NEVER) ?? [];
  const times = (await Array.fromAsync(asked)).flat().map(({ sourceTime, reason, quality }) => {
    if (quality === 'good') expect(reason).toBe('historical');
    return sourceTime ?? 0;
  });
  expect(times.length).toBeGreaterThan(0);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  for (const time of times) expect(time >= span.from && time <= span.to).toBe(true);
}, 60_000);
