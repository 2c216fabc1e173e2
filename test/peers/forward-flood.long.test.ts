import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BookingBroker } from '../support/booking-broker.ts';
import { BrokerFarEnd, type BrokerConnection } from '../support/broker-far-end.ts';
import { counterPoints, startCounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { expectAsCommitted, expectComplete } from '../support/delivered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Failure 31: a broker may announce 256 MB, and send them. The memory is that of the daemon, as the kernel counts it.

const MIB = 1_048_576;
const LARGEST = 268_435_455; // bytes of a packet behind its fixed header (MQTT 5 1.5.5)
// A garbage collection may come later or sooner than before; one whole packet would be four times as much.
const SPARE = 64 * MIB;
const CHUNK = Buffer.alloc(MIB);

const announced: readonly (readonly [length: number, bytes: readonly number[]])[] = [
  [256_000_000, [0x80, 0x80, 0x89, 0x7a]],
  [LARGEST, [0xff, 0xff, 0xff, 0x7f]],
];

/** What this process has in memory, and the most that it had since `forgetPeak`. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Sends a message of this length for as long as the client takes it; resolves with how much it took. */
async function flood({ socket }: BrokerConnection, length: number, remaining: readonly number[]): Promise<number> {
  const next = (event: 'drain' | 'close'): Promise<unknown> => new Promise((resolve) => socket.once(event, resolve));
  const gone = next('close');
  // A topic `x`, no properties, and zeroes.
  socket.write(Buffer.from([0x30, ...remaining, 0, 1, 0x78, 0]));
  for (let sent = 4; sent < length && socket.writable; sent += CHUNK.length) {
    const hasRoom = socket.write(CHUNK.subarray(0, Math.min(CHUNK.length, length - sent)));
    if (!hasRoom) await Promise.race([next('drain'), gone]);
  }
  return socket.bytesWritten;
}

test.each(announced)(
  'a message of %i bytes from a broker costs hardly any memory, its session, and nothing else',
  async (length, remaining) => {
    const booking = new BookingBroker();
    const flooded = Promise.withResolvers<number>();
    let isDue = false;
    await using broker = await new BrokerFarEnd({
      publish: (client, message) => {
        if (isDue && message.topic.endsWith('/live')) {
          isDue = false;
          flood(client, length, remaining).then(flooded.resolve, flooded.reject);
        } else booking.publish(client, message);
      },
    }).listen();
    await using folder = await temporaryFolder();
    await using meter = await startCounterMeter();
    await using daemon = new Daemon(folder.path);
    await daemon.start({
      connections: { meter: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: meter.port } },
      devices: { counter: { connection: 'meter', every: '100ms', points: counterPoints(10) } },
      destinations: { centre: { url: broker.url } },
    });
    await booking.untilCovered(100);
    forgetPeak(daemon.pid);
    const before = memoryOf(daemon.pid).now;
    isDue = true;
    const taken = await flooded.promise;
    await daemon.until('the broker sends a packet without end');
    const { peak } = memoryOf(daemon.pid);
    const { last } = (await (await daemon.control()).status()).journal;
    await booking.untilCovered(last);
    process.stdout.write(
      `flood: ${length} bytes announced, ${taken} written; ${Math.round(before / MIB)} MiB before, ${Math.round(peak / MIB)} MiB at most\n`,
    );
    expect(peak - before).toBeLessThan(SPARE);
    expect(await daemon.stop()).toBe(0);
    expectComplete(booking.report());
    await expectAsCommitted(booking, daemon, last);
  },
  120_000,
);
