import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { createDecoder } from '../../src/journal/decode.ts';
import { createEncoder } from '../../src/journal/encode.ts';
import type { Journal, SealedBatch } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/open.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Reading } from '../../src/model/reading.ts';

// What the journal costs a reading: the codec by itself, and durable appends with synchronous=FULL on the disk of the
// temporary folder (TMPDIR). CPU is that of all threads, the codec's not included: node test/bench/journal.ts

const GIB = 2 ** 30;
const DAY = 86_400_000;
const POINTS = 100;
const READINGS = 1_000_000;

/** Values as meters give them, by what they are stored as. */
const values: Record<string, (index: number) => number> = {
  uint16: (index) => (index * 7919) % 65_536,
  'uint16 × 0.1': (index) => ((index * 7919) % 65_536) / 10,
  float32: (index) => Math.fround(230 + Math.sin(index)),
  float64: (index) => 230 + Math.sin(index),
};

/** `count` readings of meters with `POINTS` points, each polled in one go every 100 ms. */
function readings(value: (index: number) => number, count: number, from = 0): Reading[] {
  return Array.from({ length: count }, (_, index) => ({
    point: 1 + (index % POINTS),
    sourceTime: null,
    receivedTime: from + Math.floor(index / POINTS) * 100,
    quality: 'good' as const,
    value: value(from + index),
  }));
}

/** Microseconds a reading of `rounds` runs of `work` over `count` readings; the best of three, to be rid of others. */
function microseconds(count: number, rounds: number, work: () => void): number {
  const runs = Array.from({ length: 3 }, () => {
    const began = performance.now();
    for (let round = 0; round < rounds; round += 1) work();
    return ((performance.now() - began) * 1_000) / rounds / count;
  });
  return Math.min(...runs);
}

function benchCodec(): string {
  const table = new Table({ head: ['codec, 1 000 readings', 'encode µs', 'decode µs', 'bytes'] });
  const encoder = createEncoder();
  const decode = createDecoder();
  for (const [name, value] of Object.entries(values)) {
    const batch = readings(value, 1_000);
    let body = new Uint8Array();
    const encoded = microseconds(1_000, 1_000, () => {
      for (const reading of batch) encoder.add(reading);
      body = encoder.seal();
    });
    const decoded = microseconds(1_000, 1_000, () => decode(body));
    table.push([name, encoded.toFixed(3), decoded.toFixed(3), (body.length / 1_000).toFixed(1)]);
  }
  return table.toString();
}

function seal(value: (index: number) => number, size: number, from: number): SealedBatch {
  const encoder = createEncoder();
  for (const reading of readings(value, size, from)) encoder.add(reading);
  return { class: 'normal', count: size, anchor: 1, from, to: from, body: encoder.seal() };
}

type Cost = { readonly wall: number; readonly cpu: number; readonly bytes: number };

/** Microseconds and bytes a reading: so many batches of `size` wait for the journal at any time. */
async function append(journal: Journal, size: number, waiting: number): Promise<Cost> {
  const count = Math.min(READINGS, size * 2_000) / (waiting === 1 ? 10 : 1);
  const batches = Array.from({ length: count / size }, (_, index) =>
    seal(values['uint16'] ?? Math.abs, size, index * size),
  );
  const before = await journal.status();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const lane = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) await journal.append(batch);
  };
  await Promise.all(Array.from({ length: waiting }, lane));
  const wall = (performance.now() - began) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const after = await journal.status();
  return { wall: wall / count, cpu: (user + system) / count, bytes: (after.usedBytes - before.usedBytes) / count };
}

async function benchAppend(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const table = new Table({ head: ['append, durable', 'wall µs', 'CPU µs', 'bytes on disk'] });
  const keep = { size: 8 * GIB, age: 30 * DAY };
  const options = { gateway: 'bench', keep, trusted: true, clock: systemClock, report: () => undefined };
  try {
    for (const waiting of [1, 64]) {
      for (const size of [100, 1_000, 4_000, 10_000]) {
        await using journal = await openJournal({ ...options, path: join(folder, `${waiting}-${size}`) });
        const { wall, cpu, bytes } = await append(journal, size, waiting);
        const name = `${size} a batch, ${waiting} ${waiting === 1 ? 'waits' : 'wait'}`;
        table.push([name, wall.toFixed(3), cpu.toFixed(3), bytes.toFixed(1)]);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return table.toString();
}

console.log(benchCodec());
console.log(await benchAppend());
