import { expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { GatewayError } from '../../src/model/errors.ts';
import { supervise, type Backoff } from '../../src/ops/supervise.ts';
import { openSerial, type SerialWire } from '../../src/wire/serial.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeWith } from '../support/peers.ts';
import { PtyAdapter } from '../support/pty-adapter.ts';
import { descriptors, heard, serialTarget } from '../support/serial-line.ts';

const NEVER = new AbortController().signal;
const RECONNECT: Backoff = { first: 500, longest: 60_000, jitter: 0.3 };
const MEGABYTE = Buffer.alloc(1_048_576, 'U');

/** What a wire may be at when its adapter is unplugged. */
const occupations: Readonly<Record<string, (adapter: PtyAdapter, wire: SerialWire) => Promise<unknown>>> = {
  idle: () => Promise.resolve(),
  'reading without a pause': async (adapter) => {
    adapter.send(MEGABYTE);
  },
  'writing what nobody takes': async (adapter, wire) => {
    adapter.stall();
    wire.send(MEGABYTE);
  },
  draining: async (_, wire) => {
    wire.send(MEGABYTE);
    wire.drained(NEVER).catch(() => undefined); // which of the two is told first does not matter
  },
};

describeWith('socat', 'an adapter that is unplugged', () => {
  test.each(Object.entries(occupations))(
    'while %s loses the wire once, by name, and costs nothing',
    async (_, begin) => {
      await using adapter = await PtyAdapter.plugIn();
      const before = descriptors();
      await using wire = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
      const name = `${adapter.path} (${await adapter.device()})`;
      const listener = heard(wire);
      await begin(adapter, wire);
      if (begin === occupations['reading without a pause']) await listener.untilReceived(10_000);
      await adapter.unplug();
      expect(await listener.lost).toMatchObject({
        code: 'connection-lost',
        message: `${name} is gone: was it unplugged?`,
      });
      await wire[Symbol.asyncDispose]();
      expect(wire.open).toBe(false);
      expect(descriptors()).toBeLessThanOrEqual(before);
    },
  );

  test('and plugged in again under another name is in use within ten seconds', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const stop = new AbortController();
    const opened = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const missed = Promise.withResolvers<void>();
    let attempts = 0;
    const attempt = async (signal: AbortSignal, healthy: () => void): Promise<void> => {
      await using wire = await openSerial(serialTarget(adapter.path), systemClock, signal);
      const { lost } = heard(wire);
      healthy();
      opened[attempts++]?.resolve(performance.now());
      throw await Promise.race([lost, aborted(signal)]);
    };
    const failed = ({ code }: GatewayError): void => {
      if (code === 'port-missing') missed.resolve();
    };
    const running = supervise({ clock: systemClock, backoff: RECONNECT, attempt, failed }, stop.signal);
    await opened[0]?.promise;
    const earlier = await adapter.device();
    await adapter.unplug();
    await missed.promise;
    await adapter.plugIn();
    const pluggedIn = performance.now();
    expect(await opened[1]?.promise).toBeLessThan(pluggedIn + 10_000);
    expect(await adapter.device()).not.toBe(earlier);
    stop.abort(new Error('enough'));
    await running;
  });
});

function aborted(signal: AbortSignal): Promise<Error> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));
}

describeWith('socat', 'a port that takes no bytes', () => {
  test('loses the wire once they have had their time on the line, and a second', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const clock = new FakeClock();
    await using wire = await openSerial(serialTarget(adapter.path, { parity: 'none' }), clock, NEVER);
    const listener = heard(wire);
    adapter.stall();
    wire.send(Buffer.alloc(96_000)); // 100 s at 9600 Bd, and more than a pty holds
    await clock.untilPending();
    await clock.advance(100_900);
    expect(wire.open).toBe(true);
    await clock.advance(200);
    expect(await listener.lost).toMatchObject({
      code: 'connection-lost',
      message: expect.stringContaining('takes no more bytes: its driver hangs, or flow control stops it'),
    });
    await wire[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });

  test('can be destroyed and opened again meanwhile', async () => {
    await using adapter = await PtyAdapter.plugIn();
    await using wire = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
    adapter.stall();
    wire.send(MEGABYTE);
    await wire[Symbol.asyncDispose]();
    await using second = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
    expect(second.open).toBe(true);
  });
});
