import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ServerSettings } from '../../config/configuration.ts';
import { isSelected } from '../../config/selection.ts';
import type { Journal } from '../../journal/journal.ts';
import { withDeadline } from '../../model/clock.ts';
import { asGatewayError, GatewayError } from '../../model/errors.ts';
import type { PointDefinition } from '../../model/point.ts';
import type { PointNumber } from '../../model/reading.ts';
import type { LatestReadings } from '../latest.ts';
import type { ServeContext, ServedDevice, ServedPoint } from '../server.ts';
import type { Refusals } from './refusals.ts';
import type { Beginning, Call, Counts, FromThread, ToThread } from './messages.ts';

// What its clients make it hold ends the thread and not the gateway: it starts again, and they connect anew.
const LIMITS = { maxOldGenerationSizeMb: 384 };

// How often it is told what has been read; nobody can ask it more often for changes.
const TELL = 100; // milliseconds

const CLOSE_WITHIN = 5_000; // milliseconds

/** The thread of a server, as the gateway sees it. */
export class ServerThread {
  readonly #worker: Worker;
  readonly #settings: ServerSettings;
  readonly #context: ServeContext;
  readonly #latest: LatestReadings;
  readonly #refusals: Refusals;
  readonly #ended = Promise.withResolvers<void>();
  readonly #exited: Promise<unknown>;
  readonly #stop = new AbortController();
  /** What it was given last. */
  #devices: readonly ServedDevice[] = [];
  counts: Counts = { points: 0, sessions: 0, subscriptions: 0 };

  constructor(settings: ServerSettings, context: ServeContext, latest: LatestReadings, refusals: Refusals) {
    const { gateway, version, folder } = context;
    const beginning: Beginning = { settings, gateway, version, folder };
    this.#settings = settings;
    this.#context = context;
    this.#latest = latest;
    this.#refusals = refusals;
    // Beside this file, whether it runs from source or built.
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      name: `server ${settings.name}`,
      workerData: beginning,
      resourceLimits: LIMITS,
    });
    this.#ended.promise.catch(() => undefined); // it ends in order too, when nobody listens any more
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('error', (error) => this.#ended.reject(asGatewayError(error, 'server-failed')));
    this.#worker.on('exit', () => this.#ended.reject(new GatewayError('server-failed', 'its thread has ended')));
  }

  /** Runs until `signal` aborts; `listening` is called once clients can connect. Rejects as opening the server does. */
  async run(signal: AbortSignal, listening: () => void): Promise<void> {
    this.#worker.on('message', (message: FromThread) => this.#take(message, listening));
    try {
      await Promise.race([this.#ended.promise, this.#feed(AbortSignal.any([signal, this.#stop.signal]))]);
    } finally {
      this.#stop.abort();
      await this.#close();
    }
  }

  /** Tells it what is new as long as it runs. */
  async #feed(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#tell();
      await this.#context.clock.sleep(TELL, signal).catch(() => undefined);
    }
  }

  #tell(): void {
    const { clock, doubted } = this.#context;
    const devices = this.#context.devices().map(({ id, points }) => ({ id, points }));
    if (!isAsBefore(devices, this.#devices)) this.#offer(devices);
    const offset = clock.wall() - clock.monotonic();
    const readings = this.#latest.takeNew().map(({ receivedTime, ...reading }) => ({
      ...doubted(reading),
      point: reading.point,
      receivedTime: receivedTime + offset,
    }));
    if (readings.length > 0) this.#post({ type: 'readings', readings });
  }

  #offer(devices: readonly ServedDevice[]): void {
    this.#devices = devices;
    const offered = devices.flatMap(({ id, points }) => {
      const selected = points.filter(({ definition }) => isSelected(this.#settings.select, definition));
      return selected.length === 0 ? [] : [{ id, points: selected.map(plain) }];
    });
    for (const { number } of offered.flatMap(({ points }) => points)) this.#latest.keep(number);
    this.#post({ type: 'devices', devices: offered });
  }

  #take(message: FromThread, listening: () => void): void {
    switch (message.type) {
      case 'listening':
        return listening();
      case 'counts':
        this.counts = message.counts;
        return;
      case 'call':
        void this.#answer(message.id, message.call);
        return;
      case 'refused':
        return this.#refusals.add(message.client, message.reason);
      case 'failed':
        return this.#ended.reject(new GatewayError(message.fault.code, message.fault.message));
    }
  }

  /** Never rejects. */
  async #answer(id: number, call: Call): Promise<void> {
    try {
      this.#post({ type: 'answer', id, answer: await this.#perform(call) });
    } catch (error) {
      const { code, message } = asGatewayError(error, 'failed');
      this.#post({ type: 'refusal', id, fault: { code, message } });
    }
  }

  #perform(call: Call): Promise<unknown> {
    const { journal, write } = this.#context;
    if (call.name === 'write') return write(call.write, this.#stop.signal);
    const { point, ...query } = call.asked;
    return journal.history({ ...query, points: numbersOf(journal.points, point) });
  }

  /** Ends the thread; a close can hang too. */
  async #close(): Promise<void> {
    const { clock } = this.#context;
    this.#post({ type: 'stop' });
    const late = (): Error => new GatewayError('server-failed', `server ${this.#settings.name} did not end in time`);
    await withDeadline(this.#exited, { clock, milliseconds: CLOSE_WITHIN, late }).catch(() => undefined);
    await this.#worker.terminate();
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message, []);
  }
}

/** What crosses the thread border of a point: none of its functions and addresses. */
function plain({ number, definition, processing: { min, max } }: ServedPoint): ServedPoint {
  return { number, definition, processing: { min, max } };
}

/** Whether the same devices have the same lists of points. */
function isAsBefore(devices: readonly ServedDevice[], before: readonly ServedDevice[]): boolean {
  return (
    devices.length === before.length &&
    devices.every(({ id, points }, index) => before[index]?.id === id && before[index].points === points)
  );
}

/** The numbers under which a point was journalled in the type and unit that it has today. */
function numbersOf(points: Journal['points'], today: PointDefinition): readonly PointNumber[] {
  return [...points].flatMap(([number, { id, unit, type }]) =>
    id === today.id && unit === today.unit && type === today.type ? [number] : [],
  );
}
