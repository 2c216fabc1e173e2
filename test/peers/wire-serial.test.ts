import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { openSerial, type SerialTarget } from '../../src/wire/serial.ts';
import { describeWith } from '../support/peers.ts';
import { PtyAdapter } from '../support/pty-adapter.ts';
import { descriptors, heard, serialTarget } from '../support/serial-line.ts';

const NEVER = new AbortController().signal;

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describeWith('socat', 'a serial port', () => {
  test.each<[string, Partial<SerialTarget>]>([
    ['8E1', {}],
    ['8N2', { parity: 'none', stopBits: 2 }],
    ['7O1', { parity: 'odd', dataBits: 7 }],
    ['at a baud that no table lists', { baud: 12_345 }],
  ])('carries every byte both ways as it is, %s', async (_, changes) => {
    await using adapter = await PtyAdapter.plugIn();
    await using wire = await openSerial(serialTarget(adapter.path, changes), systemClock, NEVER);
    const listener = heard(wire);
    wire.send(everyByte.subarray(0, 100));
    wire.send(everyByte.subarray(100));
    await wire.drained(NEVER);
    expect(await adapter.untilReceived(256)).toEqual(everyByte);
    adapter.send(everyByte);
    expect(await listener.untilReceived(256)).toEqual(everyByte);
  });

  test('changes its baud between two frames', async () => {
    await using adapter = await PtyAdapter.plugIn();
    await using wire = await openSerial(serialTarget(adapter.path, { baud: 300 }), systemClock, NEVER);
    const listener = heard(wire);
    wire.send(Buffer.from('/?!\r\n'));
    await adapter.untilReceived(5);
    await wire.drained(NEVER);
    await wire.setBaud(9600, NEVER);
    adapter.send(Buffer.from('/WEI5meter\r\n'));
    expect(String(await listener.untilReceived(12))).toBe('/WEI5meter\r\n');
  });

  test('that is destroyed is heard of no more, and disposing of it twice is harmless', async () => {
    await using adapter = await PtyAdapter.plugIn();
    await using wire = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
    wire.listen({ received: () => expect.unreachable(), lost: () => expect.unreachable() });
    wire.destroy();
    expect(wire.open).toBe(false);
    adapter.send(Buffer.from('late'));
    wire.send(Buffer.from('nobody listens'));
    await wire[Symbol.asyncDispose]();
    await wire[Symbol.asyncDispose]();
    await expect(wire.drained(NEVER)).rejects.toMatchObject({ code: 'connection-lost' });
    expect(adapter.received.length).toBe(0);
  });

  test('is opened again at once after it was destroyed', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const first = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
    first.destroy();
    await using second = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
    expect(second.open).toBe(true);
  });

  test('leaves no descriptor behind, in 500 rounds of opening and closing', async () => {
    await using adapter = await PtyAdapter.plugIn();
    const round = async (): Promise<void> => {
      await using wire = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
      wire.listen({ received: () => undefined, lost: () => undefined });
    };
    await round();
    const before = descriptors();
    for (let count = 0; count < 500; count++) await round();
    expect(descriptors()).toBe(before);
  });

  describe('is refused with where and why:', () => {
    test('nothing is plugged in', async () => {
      await using adapter = await PtyAdapter.plugIn();
      await adapter.unplug();
      await expect(openSerial(serialTarget(adapter.path), systemClock, NEVER)).rejects.toMatchObject({
        code: 'port-missing',
        message: expect.stringContaining(`${adapter.path} is not there; `),
      });
    });

    test.each([
      ['a file', new URL(import.meta.url).pathname],
      ['a device that is no port', '/dev/null'],
    ])('%s', async (_, path) => {
      await expect(openSerial(serialTarget(path), systemClock, NEVER)).rejects.toMatchObject({
        code: 'connection-failed',
        message: `${path} is no serial port`,
      });
    });

    test('another connection holds it', async () => {
      await using adapter = await PtyAdapter.plugIn();
      await using _ = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
      await expect(openSerial(serialTarget(adapter.path), systemClock, NEVER)).rejects.toMatchObject({
        code: 'connection-failed',
        message: expect.stringMatching(/ is in use by .*another connection of this gateway/),
      });
    });

    test('given up before', async () => {
      await using adapter = await PtyAdapter.plugIn();
      const before = descriptors();
      const reason = new Error('enough');
      const aborter = new AbortController();
      const opening = expect(openSerial(serialTarget(adapter.path), systemClock, aborter.signal)).rejects.toBe(reason);
      aborter.abort(reason);
      await opening;
      await expect(openSerial(serialTarget(adapter.path), systemClock, aborter.signal)).rejects.toBe(reason);
      await using wire = await openSerial(serialTarget(adapter.path), systemClock, NEVER);
      await wire[Symbol.asyncDispose]();
      expect(descriptors()).toBe(before);
    });
  });
});
