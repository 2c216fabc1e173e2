import { once } from 'node:events';
import type { DestinationSettings } from '../../src/config/configuration.ts';
import { openForwarding, destinationAt } from '../support/forwarding.ts';
import { registerPoints, sealedBatch } from './backlog.ts';

// The real journal and the real forwarder in a process of their own, with readings as quick as they are taken; it lives until
// its standard input ends:
// node test/bench/pump.ts <url> <format> <seconds>. Prints one line of JSON at the end.

const BATCH = 1000;
const WAITING = 8; // batches that wait for their commit at any time
const MOST_BEHIND = 400_000; // readings that may wait for the broker: what is measured is delivery, not storage

const [url = '', format = 'json', seconds = '10'] = process.argv.slice(2);
const keep = { size: 8 * 2 ** 30, age: 1e10 };
await using forwarding = await openForwarding({ keep, points: registerPoints(100) });
const { journal } = forwarding;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from the command line of our own bench
await forwarding.deliver([destinationAt(url, { format: format as DestinationSettings['format'], window: 64 })]);
await forwarding.reported('destination-up');
const points = await journal.intern(registerPoints(100));
const [anchor = 0] = [...journal.anchors.keys()].slice(-1);
const cpu = process.cpuUsage();
const began = performance.now();
const isOn = (): boolean => performance.now() - began < Number(seconds) * 1000;
let number = 0;

async function lane(): Promise<void> {
  while (isOn()) {
    if (forwarding.status().pending > MOST_BEHIND) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    number += 1;
    const now = Date.now();
    await journal.append({
      class: 'normal',
      count: BATCH,
      anchor,
      from: now,
      to: now,
      body: sealedBatch(points, number),
    });
  }
}

await Promise.all(Array.from({ length: WAITING }, lane));
const committed = journal.last;
process.stdout.write(`${committed}\n`);
await once(process.stdin, 'data');
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${JSON.stringify({ committed, cpuSeconds: (user + system) / 1e6 })}\n`);
await once(process.stdin, 'end');
