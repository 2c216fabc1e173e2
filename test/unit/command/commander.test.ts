import { expect, test } from 'vitest';
import { isoTime } from '../../../src/model/clock.ts';
import { commanding, type Commanding } from '../../support/commanding.ts';
import { memoryState } from '../../support/memory-state.ts';

const after = (tried: Commanding, milliseconds: number): string => isoTime(tried.clock.wall() + milliseconds);

test('a command is written, read back, answered and kept', async () => {
  await using tried = await commanding();
  expect(await tried.outcome(tried.command())).toEqual({
    id: 'c1',
    target: 'boiler/setpoint',
    status: 'done',
    reason: null,
    detail: null,
    value: 45.5,
    time: tried.clock.wall(),
  });
  expect(tried.held.get(0)).toBe(455);
  await tried.audit[Symbol.asyncDispose]();
  expect(tried.entries.map(({ event, detail }) => [event, detail['id'], detail['value']])).toEqual([
    ['command', 'c1', 45.5],
    ['command-result', 'c1', 45.5],
  ]);
  expect(tried.commander.status()).toEqual({ done: 1, failed: 0, unknown: 0, rejected: {} });
});

const refused: readonly (readonly [string, (tried: Commanding) => object, string])[] = [
  ['expired', (tried) => ({ issued: after(tried, -120_000), expires: after(tried, -1) }), 'expired'],
  [
    'issued in the future',
    (tried) => ({ issued: after(tried, 61_000), expires: after(tried, 90_000) }),
    'from-the-future',
  ],
  ['valid for longer than is allowed', (tried) => ({ expires: after(tried, 300_001) }), 'valid-too-long'],
  [
    'that expires before it is issued',
    (tried) => ({ issued: after(tried, 2000), expires: after(tried, 1000) }),
    'malformed',
  ],
  ['for a point that may be written, but not from there', () => ({ target: 'boiler/secret' }), 'not-allowed'],
  ['for a point that is only read', () => ({ target: 'boiler/flow' }), 'not-allowed'],
  ['for a value that is too large', () => ({ value: 60.1 }), 'out-of-range'],
  ['for a value that is too small', () => ({ value: 4.9 }), 'out-of-range'],
  ['for a value that the point cannot hold', () => ({ value: 'warm' }), 'out-of-range'],
  ['for a value between two of the device', () => ({ value: 45.55 }), 'out-of-range'],
];

test.each(refused)('a command %s is rejected, and nothing is written', async (_, changes, reason) => {
  await using tried = await commanding();
  expect(await tried.outcome(tried.command(changes(tried)))).toMatchObject({ status: 'rejected', reason, value: null });
  expect(tried.held.get(0)).toBe(200);
  await tried.audit[Symbol.asyncDispose]();
  expect(tried.entries).toMatchObject([
    { event: 'command-rejected', detail: { destination: 'centre', reason, id: 'c1' } },
  ]);
  expect(tried.commander.status().rejected).toEqual({ [reason]: 1 });
});

test('what the broker had kept, and what comes from a destination without commands, is rejected unread', async () => {
  await using tried = await commanding();
  expect(await tried.outcome(tried.command(), { retained: true })).toMatchObject({ reason: 'retained', id: null });
  expect(await tried.outcome(tried.command(), { destination: 'city' })).toMatchObject({
    reason: 'not-enabled',
    id: null,
  });
  expect(tried.held.get(0)).toBe(200);
});

test('while the clock is not synchronised nothing is in time', async () => {
  await using tried = await commanding({ synchronised: false });
  expect(await tried.outcome(tried.command())).toMatchObject({ status: 'rejected', reason: 'clock' });
  expect(tried.held.get(0)).toBe(200);
});

test('a command is carried out once, however often it comes, and over a restart', async () => {
  const state = memoryState();
  const first = await commanding({ state });
  const payload = first.command();
  first.take(payload);
  first.take(payload); // before the first of them is done
  expect((await first.until(2)).map(({ status, reason }) => [status, reason])).toEqual([
    ['rejected', 'replayed'],
    ['done', null],
  ]);
  expect(await first.outcome(payload)).toMatchObject({ reason: 'replayed' });
  await first[Symbol.asyncDispose]();
  await using second = await commanding({ state });
  expect(await second.outcome(payload)).toMatchObject({ status: 'rejected', reason: 'replayed' });
  expect(second.held.get(0)).toBe(200);
});

test('a clock that steps back brings no command to life that was forgotten', async () => {
  await using tried = await commanding();
  const payload = tried.command();
  await tried.outcome(payload);
  await tried.clock.advance(61_000);
  await tried.outcome(tried.command({ value: 20 })); // now the first is forgotten
  tried.clock.stepWall(-61_000);
  expect(await tried.outcome(payload)).toMatchObject({ status: 'rejected', reason: 'expired' });
  expect(tried.held.get(0)).toBe(200);
});

test('what an earlier run had begun and not finished is unknown, and said once', async () => {
  const begun = {
    destination: 'centre',
    id: 'c7',
    target: 'boiler/setpoint',
    expires: Date.UTC(2026, 10, 23),
    begun: true,
  };
  const state = memoryState({ commands: JSON.stringify({ floor: 0, commands: [begun] }) });
  await using tried = await commanding({ state });
  await tried.commander.recover();
  expect(await tried.until(1)).toMatchObject([{ id: 'c7', status: 'unknown', reason: 'restarted' }]);
  await tried.commander.recover();
  expect(tried.results).toHaveLength(1);
  expect(await tried.outcome(tried.command({ id: 'c7' }))).toMatchObject({ reason: 'replayed' });
});

test('a replay table that cannot be read is not taken for an empty one', async () => {
  await expect(commanding({ state: memoryState({ commands: '{}' }) })).rejects.toMatchObject({
    code: 'journal-unusable',
  });
});

test('without an audit log nothing is carried out', async () => {
  await using tried = await commanding({ audit: '/nowhere/audit.log' });
  expect(await tried.outcome(tried.command())).toMatchObject({ status: 'rejected', reason: 'not-kept' });
  expect(tried.held.get(0)).toBe(200);
});

test('without a durable replay table nothing is carried out', async () => {
  const state = { get: () => undefined, put: () => Promise.reject(new Error('the disk is full')) };
  await using tried = await commanding({ state });
  expect(await tried.outcome(tried.command())).toMatchObject({ reason: 'not-kept', detail: 'the disk is full' });
  expect(tried.held.get(0)).toBe(200);
});

test('a device that takes another value has failed, with what it holds', async () => {
  await using tried = await commanding();
  tried.units.taken = () => 400;
  expect(await tried.outcome(tried.command())).toMatchObject({
    status: 'failed',
    reason: 'differs',
    detail: 'boiler/setpoint: wrote 45.5, the device holds 40 Cel',
  });
});

test('commands to one point reach it in the order in which they came', async () => {
  await using tried = await commanding();
  for (const value of [10, 20, 30, 40, 50]) tried.take(tried.command({ value }));
  expect((await tried.until(5)).map(({ status, value }) => [status, value])).toEqual(
    [10, 20, 30, 40, 50].map((value) => ['done', value]),
  );
  expect(tried.held.get(0)).toBe(500);
});

test('more than the rate allows are rejected, and pass again later', async () => {
  await using tried = await commanding({ rule: { perMinute: 8 } });
  for (let sent = 0; sent < 5; sent += 1) tried.take(tried.command({ value: 10 + sent }));
  expect((await tried.until(5)).filter(({ status }) => status === 'rejected')).toMatchObject(
    Array.from({ length: 3 }, () => ({ reason: 'too-fast' })),
  );
  await tried.clock.advance(8000);
  expect(await tried.outcome(tried.command())).toMatchObject({ status: 'done' });
});

test('a flood is counted honestly: ten entries a minute of a kind, and one that says how many more', async () => {
  await using tried = await commanding();
  for (let sent = 0; sent < 5000; sent += 1) tried.take(tried.command({ value: 99 }));
  for (let sent = 0; sent < 3; sent += 1) tried.take(Buffer.from('{'));
  expect(tried.results).toHaveLength(13);
  await tried.clock.advance(60_000);
  await tried.audit[Symbol.asyncDispose]();
  const events = tried.entries.map(({ event, detail }) => [event, detail['reason'], detail['count'] ?? 1]);
  expect(events.slice(0, 13).map(([event]) => event)).toEqual(Array(13).fill('command-rejected'));
  expect(events.slice(13)).toEqual([['commands-rejected', 'out-of-range', 4990]]);
  expect(tried.commander.status().rejected).toEqual({ 'out-of-range': 5000, malformed: 3 });
  expect(tried.told.filter(({ event }) => event === 'commands-rejected')).toHaveLength(1);
});

test('a command of a format without ids and expiry is known by what it says, and valid for the configured time', async () => {
  await using tried = await commanding();
  const issued = tried.clock.wall() - 299_000;
  const command = { id: null, issued, expires: null, target: 'boiler/pump', value: 1 };
  const origin = { destination: 'centre', retained: false };
  tried.commander.take(command, origin);
  tried.commander.take(command, origin);
  tried.commander.take({ ...command, issued: issued - 1001 }, origin);
  tried.commander.take({ ...command, issued: null }, origin);
  expect((await tried.until(4)).map(({ status, reason }) => reason ?? status).toSorted()).toEqual([
    'done',
    'expired',
    'no-time',
    'replayed',
  ]);
});
