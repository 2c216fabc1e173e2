import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { freePort } from '../support/free-port.ts';
import { SlowLink } from '../support/slow-link.ts';
import { fillJournal } from './backlog.ts';
import { cpuSeconds, start } from './processes.ts';
import { startReceiving, type Counted, type Receiving } from './receiving.ts';

// After an hour without its broker the built gateway sends 3.6 million readings of its journal in JSON, while it polls on:
// how quickly that goes, and how long live readings take meanwhile; and the same on a link of 64 kbit/s for a minute.
// node test/bench/drain.ts [readings], after npm run build

const HOUR = 3_600_000; // readings: a thousand a second
const SLOW = 64_000 / 8; // bytes a second
const SLOW_SECONDS = 60;
const LOOK = 250; // milliseconds
const WINDOW = 16; // as a destination has it where its configuration says nothing

const readings = Number(process.argv[2] ?? HOUR);
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A hundred registers, polled once or ten times a second. */
function configuration(folder: string, modbus: number, url: string, every: string): string {
  const points = Object.fromEntries(
    Array.from({ length: 100 }, (_, register) => [
      `register-${register}`,
      { read: `input ${register}`, type: 'uint16' },
    ]),
  );
  return JSON.stringify({
    gateway: { id: 'bench' },
    journal: { path: join(folder, 'journal'), keep: { size: '8GiB', age: '30d' }, commit: '20ms' },
    connections: { line: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: modbus } },
    devices: { 'device-0': { connection: 'line', unit: 1, every, points } },
    destinations: { centre: { url } },
  });
}

/** Counts until the backlog is through or the time is over, from its first message on. */
async function receive({ count }: Receiving, seconds: number): Promise<Counted & { readonly seconds: number }> {
  const ends = performance.now() + seconds * 1000;
  for (let began: number | undefined; ;) {
    const counted = await count('peek');
    if (counted.backlog > 0) began ??= performance.now();
    const now = performance.now();
    if (counted.backlog >= readings || now > ends) return { ...counted, seconds: (now - (began ?? 0)) / 1000 };
    await pause(LOOK);
  }
}

/** Bytes a second that a bare client publishes to the same broker, in messages of this size. */
async function barePublisher(port: number, size: number, bytes: number): Promise<number> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  const payload = Buffer.alloc(size, '"');
  const began = performance.now();
  let left = Math.ceil(bytes / size);
  const lane = async (): Promise<void> => {
    for (; left > 0; left -= 1) await client.publishAsync('weir/1/bare/backlog', payload, { qos: 1 });
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
  const seconds = (performance.now() - began) / 1000;
  await client.endAsync();
  return bytes / seconds;
}

type Run = { readonly modbus: number; readonly every: string; readonly seconds: number; readonly slow: boolean };

async function drain({ modbus, every, seconds, slow }: Run): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  try {
    await fillJournal(join(folder, 'journal'), readings, 'centre');
    const port = await freePort();
    await using receiving = await startReceiving(folder, port, 'live');
    await using link = slow ? await new SlowLink(port, SLOW).listen() : undefined;
    const file = join(folder, 'weir.yaml');
    await writeFile(file, configuration(folder, modbus, link?.url ?? `mqtt://127.0.0.1:${port}`, every));
    await using gateway = start(process.execPath, ['dist/src/weir.mjs', 'run', '--config', file, '--quiet']);
    const total = await receive(receiving, seconds);
    const cpu = await cpuSeconds(gateway.pid);
    await gateway[Symbol.asyncDispose]();
    const bytesPerSecond = total.bytes / total.seconds;
    const bare = slow
      ? undefined
      : await barePublisher(port, Math.round(total.bytes / total.messages), total.bytes / 2);
    return {
      link: slow ? '64 kbit/s' : 'loopback',
      backlog: total.backlog,
      backlogPerSecond: Math.round(total.backlog / total.seconds),
      live: total.readings - total.backlog,
      liveP50Ms: total.p50,
      liveP99Ms: total.p99,
      bytesPerReading: Math.round(total.bytes / total.readings),
      bytesPerSecond: Math.round(bytesPerSecond),
      // Starting and polling included.
      cpuSecondsPerMillion: Number(((cpu * 1e6) / total.readings).toFixed(2)),
      ...(bare !== undefined && { ofBarePublisher: Number((bytesPerSecond / bare).toFixed(2)) }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await using farEnd = start(process.execPath, ['test/bench/far-end.ts']);
const modbus = Number(await farEnd.line());
const runs = [
  { every: '100ms', seconds: 300, slow: false },
  { every: '5s', seconds: SLOW_SECONDS, slow: true },
];
for (const run of runs) process.stdout.write(`${JSON.stringify(await drain({ modbus, ...run }))}\n`);
