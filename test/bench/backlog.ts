import { createEncoder } from '../../src/journal/encode.ts';
import { openJournal } from '../../src/journal/open.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { PointDefinition } from '../../src/model/point.ts';

// What an outage leaves behind: a journal as the gateway itself would have written it.

const BATCH = 1000; // readings: as much as a gateway commits at once

/** The points of one device with so many registers. */
export function registerPoints(count: number): readonly PointDefinition[] {
  return Array.from({ length: count }, (_, register) => ({
    id: `device-0/register-${register}`,
    device: 'device-0',
    name: `register-${register}`,
    type: 'uint16',
    kind: 'gauge',
    class: 'normal',
    labels: {},
  }));
}

/** A sealed batch of `BATCH` readings whose values move with `number`. */
export function sealedBatch(points: readonly number[], number: number): Uint8Array<ArrayBuffer> {
  const encoder = createEncoder();
  const now = systemClock.monotonic();
  for (let index = 0; index < BATCH; index += 1) {
    const point = points[index % points.length] ?? 0;
    encoder.add({ point, sourceTime: null, receivedTime: now, quality: 'good', value: (number * 7 + index) % 65_536 });
  }
  return encoder.seal();
}

/** Fills a new journal in `path` with so many readings that no destination has had. */
export async function fillJournal(path: string, readings: number, destination: string): Promise<void> {
  const keep = { size: 8 * 2 ** 30, age: 1e10 };
  const options = { path, gateway: 'bench', keep, trusted: true, clock: systemClock, report: () => undefined };
  await using journal = await openJournal(options);
  await journal.destinations([destination]);
  const points = await journal.intern(registerPoints(100));
  const [anchor = 0] = [...journal.anchors.keys()].slice(-1);
  const bodies = Array.from({ length: 100 }, (_, number) => sealedBatch(points, number));
  for (let done = 0; done < readings; done += bodies.length * BATCH) {
    const now = systemClock.wall();
    const batches = bodies.slice(0, Math.ceil((readings - done) / BATCH));
    await Promise.all(
      batches.map((body) =>
        journal.append({ class: 'normal', count: BATCH, anchor, from: now, to: now, body: body.slice() }),
      ),
    );
  }
}
