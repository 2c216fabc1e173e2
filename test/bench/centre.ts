// How many readings a second one core parses, books and verifies, alone and with each output: what a centre does
// besides talking to its broker.
// node test/bench/centre.ts

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '../../src/centre/ledger.ts';
import { parseMessage } from '../../src/centre/parse.ts';
import { openSink, sinkFormats, type Sink } from '../../src/centre/sink.ts';
import { openSqlite } from '../../src/centre/sinks/sqlite.ts';
import { isoTime } from '../../src/model/clock.ts';

const POINTS = 500; // readings a message
const MESSAGES = 4000;
const START = Date.UTC(2026, 10, 22, 9, 15);

function payload(number: number): Buffer {
  const readings = Array.from({ length: POINTS }, (_, point) => ({
    seq: number * POINTS + point + 1,
    point: `meter-${point % 10}/register-${point}`,
    time: isoTime(START + number * 10 + Math.floor(point / 100)),
    value: number + point / 10,
    quality: 'good',
  }));
  const covers = [number * POINTS, (number + 1) * POINTS];
  const sent = isoTime(START + number * 10 + 20);
  return Buffer.from(
    JSON.stringify({ gateway: 'bench', epoch: '6f1c9a2e', covers, sent, clock: 'synchronised', readings }),
  );
}

const payloads = Array.from({ length: MESSAGES }, (_, number) => payload(number));
const bytes = payloads.reduce((sum, { length }) => sum + length, 0);

function measure(round: string, sink?: Sink): void {
  const ledger = new Ledger({ remember: POINTS * MESSAGES, fromStart: true });
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (const [number, body] of payloads.entries()) {
    const message = parseMessage('weir/1/bench/live', body);
    if (message === undefined) continue;
    const entry = ledger.book(message, START + number * 10 + 25);
    if (entry.kind === 'data') void sink?.write(entry);
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { received, complete } = ledger.report(START);
  console.log(
    JSON.stringify({
      round,
      received,
      complete,
      readingsPerSecond: Math.round(received / seconds),
      cpuSecondsPerMillion: Number(((user + system) / received).toFixed(2)),
      bytesPerReading: Math.round(bytes / received),
    }),
  );
}

measure('cold');
measure('warm');
const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
for (const format of sinkFormats) {
  const sink = openSink(join(folder, 'readings'), format);
  measure(format, sink);
  await sink.close();
  await rm(join(folder, 'readings'));
}
const store = openSqlite(join(folder, 'readings'));
measure('sqlite', store);
await store.close();
await rm(folder, { recursive: true });
