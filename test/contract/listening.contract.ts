import { readdirSync } from 'node:fs';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type {
  DriverContext,
  DriverDevice,
  DriverOf,
  ListeningSession,
  Pushed,
  Session,
  WireEvent,
} from '../../src/collect/driver.ts';
import type { Value } from '../../src/model/reading.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { playMeter } from '../support/played-meter.ts';

/** What a meter says, for a driver to be tried on. Everything is written as in a configuration. */
export type SpokenMeter = {
  /** The keys of the connection besides transport, host and port. */
  readonly connection?: object;
  readonly device?: object;
  /** A whole telegram with some of its values, the second with the same registers and other values. */
  readonly telegrams: readonly [Buffer, Buffer];
  /** Points that are in both, with their raw values in the first: at least two. */
  readonly good: readonly { readonly point: object; readonly value: Value }[];
  /** A point that is in neither. */
  readonly unsent: object;
  /** A telegram of which some byte is wrong. */
  readonly spoilt: Buffer;
};

type ListeningDriver = DriverOf<unknown, unknown, unknown, Session | ListeningSession>;

const NEVER = new AbortController().signal;
const HEARD_AT = 5_000;
const MOST_WAITING = 256;

/** What every driver of devices that speak by themselves must do, whatever its protocol. */
export function listeningContract(driver: ListeningDriver, spoken: SpokenMeter): void {
  const [telegram, other] = spoken.telegrams;
  const deviceOf = (points: readonly object[]): DriverDevice<unknown, unknown> => ({
    id: 'meter',
    settings: driver.schemas.device.parse(spoken.device ?? {}),
    points: points.map((point, index) => ({
      number: index + 1,
      id: `meter/point-${index + 1}`,
      address: driver.schemas.point.parse(point),
    })),
  });
  const configured = deviceOf([...spoken.good.map(({ point }) => point), spoken.unsent]);
  const values = spoken.good.map(({ value }, index) => [index + 1, value]);

  /** A session with a played meter, listened to for the length of a test. */
  async function start(device: DriverDevice<unknown, unknown>) {
    const stack = new AsyncDisposableStack();
    const meter = stack.use(await playMeter());
    const events: WireEvent[] = [];
    const session = stack.use(await open(meter.port, device, (event) => events.push(event)));
    await meter.untilConnected(1);
    const aborter = new AbortController();
    const said = session.listen(aborter.signal)[Symbol.asyncIterator]();
    const next = async (): Promise<Pushed> => {
      const { done, value } = await said.next();
      if (done === true) throw new Error('the session said nothing more');
      return value;
    };
    return { meter, session, events, aborter, said, next, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  async function open(
    port: number,
    device: DriverDevice<unknown, unknown>,
    observe: DriverContext['observe'] = () => undefined,
    signal = NEVER,
  ): Promise<ListeningSession> {
    const connection = driver.schemas.connection.parse({
      ...spoken.connection,
      transport: 'tcp',
      host: '127.0.0.1',
      port,
    });
    const clock = new FakeClock({ monotonic: HEARD_AT });
    const context = { clock, connection: 'line', observe, answered: () => undefined, tap: { listener: undefined } };
    const session = await driver.open(connection, [device], context, signal);
    if ('listen' in session) return session;
    throw new TypeError(`${driver.name} does not listen`);
  }

  describe(`the ${driver.name} driver listens`, () => {
    test('describes every key of its configuration, and gives a schema for editors', () => {
      for (const schema of [driver.schemas.device, driver.schemas.point]) {
        for (const [key, field] of Object.entries(schema.shape)) {
          expect([key, z.globalRegistry.get(field)?.description]).toEqual([key, expect.any(String)]);
        }
      }
      for (const schema of Object.values(driver.schemas)) {
        expect(z.toJSONSchema(schema, { io: 'input' })).toBeTypeOf('object');
      }
    });

    test('and yields one item a telegram, with the configured points that it speaks of', async () => {
      await using tried = await start(configured);
      await tried.meter.say(telegram);
      const pushed = await tried.next();
      expect(valuesOf(pushed)).toEqual(values);
      expect(pushed).toMatchObject({ device: 'meter' });
      expect(pushed.discovered).toBeUndefined();
      for (const { receivedTime } of pushed.readings) expect(receivedTime).toBe(HEARD_AT);
    });

    test('and describes what is not configured, each point once and before its first reading', async () => {
      await using tried = await start(deviceOf([]));
      await tried.meter.say(Buffer.concat([telegram, other]));
      const [first, second] = [await tried.next(), await tried.next()];
      const names = first.discovered?.map(({ name }) => name) ?? [];
      expect(names).toHaveLength(new Set(names).size);
      expect(first.readings.map(({ point }) => point)).toEqual(names);
      expect(first.readings.map(({ value }) => value)).toEqual(
        expect.arrayContaining(spoken.good.map(({ value }) => value)),
      );
      expect(second.discovered).toBeUndefined();
      expect(names).toEqual(expect.arrayContaining(second.readings.map(({ point }) => point)));
      for (const { address } of first.discovered ?? []) expect(driver.describe(address).writable).toBe(false);
    });

    test.each([1, 2, 3, 5, 8, 13])('to a telegram in pieces of %i bytes', async (pieces) => {
      await using tried = await start(configured);
      await tried.meter.say(telegram, pieces);
      expect(valuesOf(await tried.next())).toEqual(values);
    });

    test('past noise and telegrams that are spoilt or cut off, and tells of them', async () => {
      await using tried = await start(configured);
      const noise = Buffer.from('\u0000\u00ff\u0001 what is this? \u007f\u0003\r\n', 'latin1');
      const half = telegram.subarray(0, telegram.length >> 1);
      await tried.meter.say(Buffer.concat([noise, telegram, noise, spoken.spoilt, telegram, half, telegram, half]));
      for (let count = 0; count < 3; count++) expect(valuesOf(await tried.next())).toEqual(values);
      tried.meter.hangUp();
      await expect(tried.next(), 'and of nothing else').rejects.toMatchObject({ remedy: 'retry' });
      expect(tried.events.length).toBeGreaterThan(0);
    });

    test('and takes two telegrams in one chunk for two', async () => {
      await using tried = await start(configured);
      await tried.meter.say(Buffer.concat([telegram, other, telegram]));
      expect(valuesOf(await tried.next())).toEqual(values);
      expect(valuesOf(await tried.next()).map(([point]) => point)).toEqual(values.map(([point]) => point));
      expect(valuesOf(await tried.next())).toEqual(values);
    });

    test('until the connection is lost, which is to be retried', async () => {
      await using tried = await start(configured);
      await tried.meter.say(telegram);
      expect(valuesOf(await tried.next())).toEqual(values);
      const lost = expect(tried.next()).rejects.toMatchObject({ remedy: 'retry' });
      tried.meter.hangUp();
      await lost;
    });

    test('until its signal aborts', async () => {
      await using tried = await start(configured);
      const ended = tried.said.next();
      tried.aborter.abort();
      expect(await ended).toEqual({ done: true, value: undefined });
    });

    test('and is disposed of twice while it listens', async () => {
      await using tried = await start(configured);
      const lost = expect(tried.next()).rejects.toMatchObject({ remedy: 'retry' });
      await tried.session[Symbol.asyncDispose]();
      await tried.session[Symbol.asyncDispose]();
      await lost;
    });

    test('to nobody where an attempt to connect is aborted, or nobody is there', async () => {
      const meter = await playMeter();
      const reason = new Error('enough');
      await expect(open(meter.port, configured, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
      await meter[Symbol.asyncDispose]();
      await expect(open(meter.port, configured)).rejects.toMatchObject({ code: 'connection-failed', remedy: 'retry' });
    });

    test('and keeps what waits within bounds, the points that were described with it', async () => {
      await using tried = await start(deviceOf([]));
      const many = 300;
      for (let count = 0; count < many; count++) await tried.meter.say(telegram);
      await tried.meter.say(other);
      while (tried.events.filter((event) => event === 'late-frame').length < many + 1 - MOST_WAITING)
        await turnOfTheLoop();
      const first = await tried.next();
      expect(first.discovered?.length).toBeGreaterThanOrEqual(spoken.good.length);
    });

    test('and leaves no descriptor behind', async () => {
      await using meter = await playMeter();
      const cycle = async (): Promise<void> => {
        await using session = await open(meter.port, configured);
        const said = session.listen(NEVER)[Symbol.asyncIterator]();
        await meter.say(telegram);
        await said.next();
      };
      const before = descriptors();
      for (let round = 0; round < 20; round++) await cycle();
      await meter.untilQuiet();
      expect(descriptors()).toBe(before);
    });
  });
}

function valuesOf({ readings }: Pushed): readonly (readonly [unknown, unknown])[] {
  return readings
    .toSorted((a, b) => Number(a.point) - Number(b.point))
    .map(({ point, quality, value, reason }) => [point, quality === 'good' ? value : reason] as const);
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
