import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { peerPath } from '../support/peers.ts';
import { cpuSeconds, start, type Child } from './processes.ts';

// From end to end in Sparkplug B: committed with synchronous=FULL, published to Mosquitto, and counted at a subscriber.
// node test/bench/throughput.ts [seconds]

const seconds = Number(process.argv[2] ?? 15);
const QUIET = 5000; // milliseconds without a message: nothing more comes
const LOOK = 100;

type Arrived = { readonly metrics: number; readonly bytes: number; readonly quiet: number };

async function ask<Answer>(child: Child): Promise<Answer> {
  child.process.stdin?.write('\n');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own process on the other side of the pipe
  return JSON.parse(await child.line()) as Answer;
}

/** All that comes, until it is as many or nothing comes any more. */
async function settled(subscriber: Child, committed: number): Promise<Arrived> {
  for (;;) {
    const arrived = await ask<Arrived>(subscriber);
    if (arrived.metrics >= committed || arrived.quiet > QUIET) return arrived;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
try {
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
  await using broker = start(peerPath('mosquitto'), ['-c', file]);
  await using subscriber = start(process.execPath, ['test/bench/metrics.ts', String(port)]);
  await subscriber.line();
  const url = `mqtt://127.0.0.1:${port}`;
  await using pump = start(process.execPath, ['test/bench/pump.ts', url, 'sparkplug-b', String(seconds)]);
  const committed = Number(await pump.line());
  const began = performance.now();
  const arrived = await settled(subscriber, committed);
  const lag = performance.now() - began - arrived.quiet;
  const { cpuSeconds: cpu } = await ask<{ cpuSeconds: number }>(pump);
  const span = seconds + Math.max(0, lag) / 1000;
  process.stdout.write(
    `${JSON.stringify({
      format: 'sparkplug-b',
      committed,
      received: arrived.metrics,
      valuesPerSecond: Math.round(arrived.metrics / span),
      bytesPerValue: Number((arrived.bytes / arrived.metrics).toFixed(1)),
      cpuSecondsPerMillion: Number(((cpu * 1e6) / committed).toFixed(2)),
      brokerCore: Number(((await cpuSeconds(broker.pid)) / span).toFixed(2)),
    })}\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
