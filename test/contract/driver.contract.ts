import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DriverContext, DriverDevice, DriverOf, ListeningSession, Session } from '../../src/collect/driver.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import type { Reading, Reason, Value } from '../../src/model/reading.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { timingOut, type Asked } from '../support/timing-out.ts';

/** How the far end treats what it is asked from now on. */
export type FarEndManner =
  | 'honest'
  | 'silent'
  /** Answers with bytes that are no answer in this protocol. */
  | 'garbage'
  /** Sends each answer twice in one chunk. */
  | 'doubled'
  /** Ends the connection in the middle of an answer. */
  | 'breaking'
  /** Ends the connection and takes no other. */
  | 'leaving'
  /** Sends each answer in pieces of so many bytes. */
  | { readonly pieces: number };

/** A device on a connection, for a driver to be tried on. Everything is written as in a configuration. */
export interface FarEnd extends Asked, AsyncDisposable {
  readonly connection: object;
  /** Milliseconds that the protocol waits for between two requests; they pass by themselves. */
  readonly gap?: number;
  /** What an attempt to connect fails with where nobody is; `connection-failed` when absent. */
  readonly absence?: ErrorCode;
  readonly device: object;
  /** Points that the device has, and the raw value of each: at least two. */
  readonly good: readonly { readonly point: object; readonly value: Value }[];
  /** A point that the device refuses, apart from the good ones. */
  readonly refused: object;
  /** A point whose bytes are no value of its type. */
  readonly undecodable: { readonly point: object; readonly reason: Reason };
  play(manner: FarEndManner): void;
  /** Resolves once every connection to it has ended. */
  untilQuiet(): Promise<void>;
}

type PolledDriver = DriverOf<unknown, unknown, unknown, Session | ListeningSession>;

const NEVER = new AbortController().signal;

/** What every driver of polled devices must do, whatever its protocol: run it over each with a real far end. */
export function driverContract(driver: PolledDriver, startFarEnd: () => Promise<FarEnd>, way = ''): void {
  const deviceOf = (farEnd: FarEnd, points: readonly object[]): DriverDevice<unknown, unknown> => ({
    id: 'device',
    settings: driver.schemas.device.parse(farEnd.device),
    points: points.map((point, index) => ({
      number: index + 1,
      id: `device/point-${index + 1}`,
      address: driver.schemas.point.parse(point),
    })),
  });

  const goodDevice = (farEnd: FarEnd): DriverDevice<unknown, unknown> =>
    deviceOf(
      farEnd,
      farEnd.good.map(({ point }) => point),
    );

  const open = async (
    farEnd: FarEnd,
    device: DriverDevice<unknown, unknown>,
    clock = clockOf(farEnd),
    signal = NEVER,
  ): Promise<Session> => {
    const context: DriverContext = {
      clock,
      connection: 'bus',
      observe: () => undefined,
      answered: () => undefined,
      tap: { listener: undefined },
    };
    const connection = driver.schemas.connection.parse(farEnd.connection);
    const session = await driver.open(connection, [device], context, signal);
    if ('read' in session) return session;
    throw new TypeError(`${driver.name} cannot be asked`);
  };

  /** Opens a session with all good points of a far end, for the length of a test. */
  async function start() {
    const stack = new AsyncDisposableStack();
    const farEnd = stack.use(await startFarEnd());
    const clock = clockOf(farEnd, 5_000);
    const device = goodDevice(farEnd);
    const session = stack.use(await open(farEnd, device, clock));
    const read = (signal = NEVER): Promise<readonly Reading[]> => session.read(device, device.points, signal);
    const values = farEnd.good.map(({ value }) => value);
    return { clock, farEnd, device, session, read, values, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  describe(`the ${driver.name} driver${way}`, () => {
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

    test('answers with exactly one good reading for each point', async () => {
      await using tried = await start();
      expect(valuesOf(await tried.read())).toEqual(tried.values);
    });

    test('stamps a reading with the instant at which its answer arrived', async () => {
      await using tried = await start();
      for (const { receivedTime } of await tried.read()) {
        expect(receivedTime).toBeGreaterThanOrEqual(5_000);
        expect(receivedTime).toBeLessThanOrEqual(tried.clock.monotonic());
      }
    });

    test('reads any subset of the points', async () => {
      await using tried = await start();
      const [, ...others] = tried.device.points;
      const readings = await tried.session.read(tried.device, others, NEVER);
      expect(valuesOf(readings)).toEqual(tried.values.slice(1));
      expect(await tried.session.read(tried.device, [], NEVER)).toEqual([]);
    });

    test('answers with a bad reading for a point that is refused or makes no sense, and the others still arrive', async () => {
      await using farEnd = await startFarEnd();
      const good = farEnd.good.map(({ point }) => point);
      const device = deviceOf(farEnd, [farEnd.refused, ...good, farEnd.undecodable.point]);
      await using session = await open(farEnd, device);
      for (let round = 0; round < 3; round++) {
        const readings = byPoint(await session.read(device, device.points, NEVER));
        expect(readings.length).toBe(device.points.length);
        expect(readings[0]).toMatchObject({ quality: 'bad', value: null, reason: 'refused' });
        expect(readings.at(-1)).toMatchObject({ quality: 'bad', value: null, reason: farEnd.undecodable.reason });
        expect(valuesOf(readings.slice(1, -1))).toEqual(farEnd.good.map(({ value }) => value));
      }
    });

    test.each([1, 2, 3, 5, 8, 13])('takes an answer in pieces of %i bytes', async (pieces) => {
      await using tried = await start();
      tried.farEnd.play({ pieces });
      expect(valuesOf(await tried.read())).toEqual(tried.values);
    });

    test('takes one answer where two arrive in one chunk', async () => {
      await using tried = await start();
      tried.farEnd.play('doubled');
      for (let round = 0; round < 3; round++) expect(valuesOf(await tried.read())).toEqual(tried.values);
    });

    test('waits no longer than its timeout for a silent device, and hears it as soon as it speaks', async () => {
      await using tried = await start();
      tried.farEnd.play('silent');
      const readings = await timingOut(tried.read(), tried);
      expect(reasonsOf(readings)).toEqual(tried.values.map(() => 'no-answer'));
      tried.farEnd.play('honest');
      expect(valuesOf(await tried.read())).toEqual(tried.values);
    });

    test('makes no value of garbage, and understands the device as soon as it makes sense', async () => {
      await using tried = await start();
      expect(valuesOf(await tried.read())).toEqual(tried.values);
      tried.farEnd.play('garbage');
      const readings = await timingOut(tried.read(), tried);
      expect(readings.map(({ quality }) => quality)).toEqual(tried.values.map(() => 'bad'));
      tried.farEnd.play('honest');
      expect(valuesOf(await tried.read())).toEqual(tried.values);
    });

    test('rejects for a retry when the far end goes away in mid-read, without waiting for a timeout', async () => {
      await using tried = await start();
      tried.farEnd.play('leaving');
      await expect(tried.read()).rejects.toMatchObject({ remedy: 'retry' });
    });

    test('is back at once when the connection breaks in mid-read, without waiting for a timeout', async () => {
      await using tried = await start();
      tried.farEnd.play('breaking');
      expect(reasonsOf(await tried.read())).toEqual(tried.values.map(() => 'no-answer'));
      tried.farEnd.play('honest');
      expect(valuesOf(await tried.read())).toEqual(tried.values);
    });

    test('rejects with the reason of its signal, before a read and in the middle of one', async () => {
      await using tried = await start();
      const reason = new Error('enough');
      await expect(tried.read(AbortSignal.abort(reason))).rejects.toBe(reason);
      tried.farEnd.play('silent');
      const aborter = new AbortController();
      const reading = expect(tried.read(aborter.signal)).rejects.toBe(reason);
      await tried.farEnd.untilAsked(1);
      aborter.abort(reason);
      await reading;
      tried.farEnd.play('honest');
      expect(valuesOf(await tried.read()), 'the next read is not disturbed').toEqual(tried.values);
    });

    test('rejects an attempt to connect that is aborted', async () => {
      await using farEnd = await startFarEnd();
      const reason = new Error('enough');
      const aborter = new AbortController();
      const device = goodDevice(farEnd);
      await expect(open(farEnd, device, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
      const opening = expect(open(farEnd, device, undefined, aborter.signal)).rejects.toBe(reason);
      aborter.abort(reason);
      await opening;
    });

    test('throws an error of the connection where nobody is', async () => {
      const farEnd = await startFarEnd();
      await farEnd[Symbol.asyncDispose]();
      await expect(open(farEnd, goodDevice(farEnd))).rejects.toMatchObject({
        code: farEnd.absence ?? 'connection-failed',
        remedy: 'retry',
      });
    });

    test('can be disposed of twice, in the middle of a read, and reads nothing afterwards', async () => {
      await using tried = await start();
      tried.farEnd.play('silent');
      const reading = expect(tried.read()).rejects.toMatchObject({ remedy: 'retry' });
      await tried.farEnd.untilAsked(1);
      await tried.session[Symbol.asyncDispose]();
      await tried.session[Symbol.asyncDispose]();
      await reading;
      await expect(tried.read()).rejects.toMatchObject({ remedy: 'retry' });
    });

    test('leaves no descriptor behind', async () => {
      await using farEnd = await startFarEnd();
      const device = goodDevice(farEnd);
      const cycle = async (): Promise<void> => {
        await using session = await open(farEnd, device);
        await session.read(device, device.points, NEVER);
      };
      await cycle();
      await farEnd.untilQuiet();
      const before = descriptors();
      for (let round = 0; round < 50; round++) await cycle();
      await farEnd.untilQuiet();
      expect(descriptors()).toBe(before);
    });
  });
}

function clockOf({ gap = 0 }: FarEnd, monotonic = 0): FakeClock {
  return new FakeClock({ monotonic, flows: Math.ceil(gap) });
}

function byPoint(readings: readonly Reading[]): readonly Reading[] {
  return readings.toSorted((a, b) => a.point - b.point);
}

/** The values of good readings by point; a reading that is not good shows as its reason. */
function valuesOf(readings: readonly Reading[]): readonly unknown[] {
  return byPoint(readings).map(({ quality, value, reason }) => (quality === 'good' ? value : reason));
}

function reasonsOf(readings: readonly Reading[]): readonly (Reason | undefined)[] {
  return byPoint(readings).map(({ reason }) => reason);
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
