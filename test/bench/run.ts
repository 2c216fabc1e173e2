import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { freePort } from '../support/free-port.ts';
import { cpuSeconds, memory, start } from './processes.ts';
import { startReceiving } from './receiving.ts';
import { bareJson, bareModbus, durableWrites } from './yardsticks.ts';

// Modbus TCP → journal with synchronous=FULL → Mosquitto at QoS 1, each in a process of its own; the gateway is the
// built one, as it ships. `npm run bench` builds it first. Figures of one run belong together; compare them within it.

type Scenario = {
  readonly name: string;
  readonly connections: number;
  readonly registers: number;
  /** Milliseconds between polls. */
  readonly every: number;
  readonly commit: string;
  readonly seconds: number;
  readonly sampling: 'all' | 'first';
};

const modest = { connections: 10, registers: 100, every: 100, commit: '20ms', sampling: 'all' } as const;
const heavy = { connections: 8, registers: 1_000, commit: '20ms', seconds: 15, sampling: 'first' } as const;

const scenarios: readonly Scenario[] = [
  { ...modest, name: '1 × 100 @ 1 s', connections: 1, every: 1_000, seconds: 30 },
  { ...modest, name: '10 × 100 @ 100 ms', seconds: 20 },
  { ...heavy, name: 'saturation', every: 10 },
  { ...heavy, name: 'offered twice that', connections: 16, every: 10 },
];

function configuration(scenario: Scenario, folder: string, ports: { modbus: number; mqtt: number }): string {
  const ids = Array.from({ length: scenario.connections }, (_, index) => index);
  const registers = Array.from({ length: scenario.registers }, (_, index) => index);
  const connections = ids.map((id) => [
    `c${id}`,
    { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: ports.modbus },
  ]);
  const points = Object.fromEntries(
    registers.map((register) => [`register-${register}`, { read: `input ${register}`, type: 'uint16' }]),
  );
  const devices = ids.map((id) => [
    `device-${id}`,
    { connection: `c${id}`, unit: 1, every: `${scenario.every}ms`, points },
  ]);
  // JSON is YAML.
  return JSON.stringify({
    gateway: { id: 'bench' },
    journal: { path: join(folder, 'journal'), keep: { size: '2GiB', age: '1d' }, commit: scenario.commit },
    connections: Object.fromEntries(connections),
    devices: Object.fromEntries(devices),
    destinations: { centre: { url: `mqtt://127.0.0.1:${ports.mqtt}` } },
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measure(scenario: Scenario, modbus: number): Promise<Readonly<Record<string, string | number>>> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  try {
    const mqtt = await freePort();
    const file = join(folder, 'weir.yaml');
    await writeFile(file, configuration(scenario, folder, { modbus, mqtt }));
    await using receiving = await startReceiving(folder, mqtt, scenario.sampling);
    const { broker } = receiving;
    const began = Date.now();
    await using gateway = start(process.execPath, ['dist/src/weir.mjs', 'run', '--config', file]);
    await pause(5_000); // warm: compiled, connected, files grown
    const { first } = await receiving.count();
    const cpuBefore = await cpuSeconds(gateway.pid);
    const brokerBefore = await cpuSeconds(broker.pid);
    await pause(scenario.seconds * 1_000);
    const counted = await receiving.count();
    const cpu = (await cpuSeconds(gateway.pid)) - cpuBefore;
    const { rss, peak } = await memory(gateway.pid);
    return {
      scenario: scenario.name,
      offered: Math.round((scenario.connections * scenario.registers * 1_000) / scenario.every),
      'values/s': Math.round(counted.readings / scenario.seconds),
      'CPU-s per million': ((cpu * 1e6) / counted.readings).toFixed(2),
      'core %': ((cpu * 100) / scenario.seconds).toFixed(1),
      'p50 ms': counted.p50 ?? '-',
      'p99 ms': counted.p99 ?? '-',
      'RSS MiB': Math.round(rss),
      'peak MiB': Math.round(peak),
      'first message s': ((first - began) / 1_000).toFixed(2),
      'readings/message': Math.round(counted.readings / Math.max(1, counted.messages)),
      'broker core %': ((((await cpuSeconds(broker.pid)) - brokerBefore) * 100) / scenario.seconds).toFixed(0),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const table = new Table({ head: Object.keys(rows[0] ?? {}), style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => Object.values(row)));
  process.stdout.write(`${table.toString()}\n`);
}

const [only] = process.argv.slice(2);
await using farEnd = start(process.execPath, ['test/bench/far-end.ts']);
const modbus = Number(await farEnd.line());
const bare = await bareModbus(modbus, 100);
process.stdout.write(`yardsticks on this machine now (${availableParallelism()} cores, Node ${process.version}):
  bare modbus-serial, 100 registers a request, values thrown away: ${Math.round(bare.values)} values/s, ${bare.cpuPerMillion.toFixed(2)} CPU-s per million
  JSON.stringify of readings: ${Math.round(bareJson())} readings/s
  durable 4 KiB writes: ${Math.round(durableWrites(tmpdir()))} per second\n`);
const rows = [];
for (const scenario of scenarios.filter(({ name }) => only === undefined || name.includes(only))) {
  process.stderr.write(`measuring ${scenario.name} …\n`);
  rows.push(await measure(scenario, modbus));
}
print(rows);
const saturated = rows.find((row) => row['scenario'] === 'saturation');
if (saturated !== undefined) {
  const share = Number(saturated['values/s']) / bare.values;
  process.stdout.write(
    `at saturation, journalled and delivered: ${share.toFixed(2)} × what bare modbus-serial reads\n`,
  );
}
if (only === undefined) {
  await import('./transactions.ts');
  await import('./drain.ts');
  await import('./throughput.ts');
}
