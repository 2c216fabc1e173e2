import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { counterPoints, startCounterMeter } from '../support/counter-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { expectComplete, untilDelivered } from '../support/delivered.ts';
import { freePort } from '../support/free-port.ts';
import { MemoryLimit } from '../support/memory-limit.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { SlowLink } from '../support/slow-link.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWitness } from '../support/witness.ts';

// Test 57: everything that can fill is full, in the memory that the unit gives.

const MIB = 1_048_576;
const POINTS = 60; // of each device, one request
const PILE = 30_000; // readings that wait for each destination
const WATCHERS = 10;

/** Somebody who asks for every reading and then reads none of them. */
async function neglect(socket: string): Promise<Disposable> {
  const watcher = connectSocket(socket);
  await once(watcher, 'connect');
  watcher.on('error', () => undefined).pause();
  watcher.write('GET /watch HTTP/1.1\r\nHost: weir\r\n\r\n');
  return { [Symbol.dispose]: () => watcher.destroy() };
}

function configuration(meter: number, urls: Readonly<Record<string, string>>, port: number): object {
  const connection = { driver: 'modbus', host: '127.0.0.1', port: meter };
  const points = counterPoints(POINTS);
  return {
    connections: { one: connection, two: connection, three: connection },
    devices: {
      normal: { connection: 'one', every: '50ms', points },
      bulk: { connection: 'two', every: '50ms', class: 'bulk', points },
      alarms: { connection: 'three', every: '1s', class: 'alarm', points },
    },
    destinations: Object.fromEntries(
      Object.entries(urls).map(([name, url]) => [name, { url, commands: { points: [] }, window: 64 }]),
    ),
    servers: {
      scada: {
        protocol: 'opcua',
        port,
        security: { anonymous: true, allowInsecure: 'nobody but this test is on this machine' },
      },
    },
  };
}

testWith(
  ['mosquitto', 'memory-limit'],
  'with every lane, queue and socket full the gateway lives in 350 MB, and everything arrives afterwards',
  async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto();
    await using stopped = await startMosquitto();
    await using link = await new SlowLink(broker.port, 200_000).listen();
    await using meter = await startCounterMeter();
    await using witness = startWitness(broker.url);
    await witness.subscribed;
    using limit = new MemoryLimit(350 * MIB);
    await using daemon = new Daemon(folder.path);
    const urls = { slow: link.url, stopped: stopped.url, nowhere: 'mqtt://127.0.0.1:1' };
    await daemon.launch(configuration(meter.port, urls, await freePort()));
    limit.take(daemon.pid);
    await daemon.until('destination stopped is connected');
    stopped.pause();
    await daemon.until('server scada listens');
    const control = await daemon.control();
    using watchers = new DisposableStack();
    for (let each = 0; each < WATCHERS; each += 1) watchers.use(await neglect(join(daemon.journal, 'control.sock')));
    const attacker = await connectAsync(broker.url, { protocolVersion: 5 });
    const waiting = async (): Promise<number> => {
      for (let sent = 0; sent < 500; sent += 1) attacker.publish('weir/1/test/command', Buffer.alloc(4000, '['));
      const { destinations } = await control.status();
      return Math.min(...destinations.map(({ pending }) => pending));
    };
    await expect.poll(waiting, { timeout: 300_000, interval: 1000 }).toBeGreaterThan(PILE);

    const full = await control.status();
    expect(full.connections.map(({ state }) => state)).toEqual(['up', 'up', 'up']);
    expect(full.commands.rejected['malformed']).toBeGreaterThan(1000);
    await attacker.endAsync(true);
    await meter[Symbol.asyncDispose]();
    expectComplete(await untilDelivered(witness, full.journal.last, 180_000));
    const { peak, kills } = limit;
    process.stdout.write(
      `350 MB: peak ${Math.round(peak / MIB)} MiB with ${full.journal.last} readings, ${full.destinations.map(({ name, pending }) => `${name} ${pending}`).join(', ')} waiting; killed ${kills} times\n`,
    );
    expect(kills).toBe(0);
    expect(await daemon.stop()).toBe(0);
    await systemClock.sleep(100, new AbortController().signal); // until the kernel has put the process away
  },
);
