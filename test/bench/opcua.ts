import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { fitHeap } from '../../src/ops/heap.ts';
import { Rate } from '../../src/ops/rate.ts';
import { storeCertificate } from '../../src/wire/opcua-certificates.ts';
import { pkiFolder } from '../../src/wire/opcua-pki.ts';
import { startPlant } from '../support/opcua-server.ts';
import { OPEN, openOpcua } from '../support/opcua-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Items of node-opcua's server, in a process of its own, that all change at once, through our driver: whether each change
// arrived, how late, and what that took of this process. `node test/bench/opcua.ts [--items 5000] [--interval 250]`

// As the launcher has it, src/weir.mjs: left alone, V8 takes memory first and collects later.
for (const flag of ['--semi-space-growth-factor=1', '--heap-growing-percent=10']) setFlagsFromString(flag);

const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '5000' },
    interval: { type: 'string', default: '250' },
    seconds: { type: 'string', default: '20' },
    open: { type: 'boolean', default: false }, // without a protected channel
  },
});
const [items, interval, seconds] = [options.items, options.interval, options.seconds].map(Number);
const [count = 0, period = 0, span = 0] = [items, interval, seconds];

await using folder = await temporaryFolder();
await using plant = await startPlant({ moving: { count, interval: period } });
const pem = await readFile(join(plant.folder, 'own/certs/certificate.pem'));
await storeCertificate(pkiFolder(folder.path, 'client'), new X509Certificate(pem).raw, 'trusted');
const points = Object.fromEntries(
  Array.from({ length: count }, (_, index) => [
    `moving-${index}`,
    { node: `nsu=urn:weir:plant;s=Moving${index}`, sampling: '0ms', queue: 20 },
  ]),
);
await using opened = await openOpcua({
  folder: folder.path,
  connection: {
    endpoint: plant.endpoint,
    publishing: `${period}ms`,
    timeout: '60s',
    ...(options.open && { security: OPEN }),
  },
  points,
});
if (!('listen' in opened.session)) throw new Error('OPC UA is listened to');

const last = new Float64Array(count + 1);
const delays: number[] = [];
let [notifications, lost, peak] = [0, 0, 0];
let began: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;
const stop = new AbortController();
const taken = new Rate();
const looking = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 250);
const warm = performance.now() + 5_000;
for await (const { readings } of opened.session.listen(stop.signal)) {
  const now = Date.now();
  taken.add(performance.now(), readings.length);
  fitHeap(taken.perSecond(performance.now())); // as the gateway does
  if (began === undefined && performance.now() > warm) began = { at: performance.now(), cpu: process.cpuUsage() };
  for (const { point, value, sourceTime } of readings) {
    const [number, counted] = [Number(point), Number(value)];
    const before = last[number] ?? 0;
    last[number] = counted;
    if (began === undefined) continue;
    notifications += 1;
    if (before > 0 && counted > before + 1) lost += counted - before - 1;
    if (number % 50 === 0 && sourceTime !== null) delays.push(now - sourceTime);
  }
  if (began !== undefined && performance.now() - began.at > span * 1_000) stop.abort();
}
clearInterval(looking);
const { user, system } = process.cpuUsage(began?.cpu);
const elapsed = (performance.now() - (began?.at ?? 0)) / 1_000;
delays.sort((one, other) => one - other);
const at = (part: number): number => delays[Math.floor(delays.length * part)] ?? NaN;
process.stdout
  .write(`${count} items every ${period} ms for ${elapsed.toFixed(1)} s, ${options.open ? 'None' : 'Basic256Sha256 SignAndEncrypt'}:
  notifications: ${notifications} (${Math.round(notifications / elapsed)}/s), lost: ${lost}
  from source to reading: median ${at(0.5)} ms, p99 ${at(0.99)} ms
  CPU of this process: ${((user + system) / notifications).toFixed(2)} µs a notification
  memory of this process: at most ${Math.round(peak / 2 ** 20)} MiB
`);
