import { isDeepStrictEqual } from 'node:util';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { systemClock } from '../../model/clock.ts';
import { asGatewayError, GatewayError } from '../../model/errors.ts';
import { readSecret } from '../../wire/secrets.ts';
import type { ServedDevice } from '../server.ts';
import type { Answers, Beginning, Call, Counts, FromThread, NumberedReading, ToThread } from './messages.ts';
import { openServer } from './open.ts';

// A server has this thread: loading its address space takes a second, and what its clients do to it, or it to itself, is
// to hold up no poll and to end no daemon.

const LOOK = 1_000; // milliseconds between two looks at what there is to tell

/** Someone who waits for the gateway. Methods, so that each may expect its own kind of answer. */
interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

class ServerThread {
  readonly #port: MessagePort;
  readonly #stop = new AbortController();
  readonly #calls = new Map<number, Waiting>();
  readonly #latest = new Map<number, NumberedReading>();
  #made = 0;
  #devices: readonly ServedDevice[] = [];
  #changed: () => void = () => undefined;
  #told: Counts | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: ToThread) => this.#take(message));
  }

  /** Serves until it is told to stop. */
  async run({ settings, ...gateway }: Beginning): Promise<void> {
    const { signal } = this.#stop;
    await using opened = await openServer(settings, {
      ...gateway,
      clock: systemClock,
      readSecret,
      devices: () => this.#devices,
      newest: (point) => this.#latest.get(point),
      history: (asked) => this.#call<'history'>({ name: 'history', asked }),
      write: (write) => this.#call<'write'>({ name: 'write', write }),
      refused: (client, reason) => this.#post({ type: 'refused', client, reason }),
    });
    this.#changed = () => opened.refresh();
    opened.refresh();
    this.#post({ type: 'listening' });
    while (!signal.aborted) {
      const { points, sessions, subscriptions } = opened;
      this.#tell({ points, sessions, subscriptions });
      await systemClock.sleep(LOOK, signal).catch(() => undefined);
    }
  }

  #tell(counts: Counts): void {
    const { points, sessions, subscriptions } = counts;
    const told = this.#told;
    if (told?.points === points && told.sessions === sessions && told.subscriptions === subscriptions) return;
    this.#told = counts;
    this.#post({ type: 'counts', counts });
  }

  #take(message: ToThread): void {
    switch (message.type) {
      case 'devices':
        // What has not changed stays the same object, and with it what clients have subscribed to.
        this.#devices = message.devices.map((device) => this.#devices.find((each) => isSame(each, device)) ?? device);
        return this.#changed();
      case 'readings':
        for (const reading of message.readings) this.#latest.set(reading.point, reading);
        return;
      case 'answer':
      case 'refusal':
        return this.#answered(message);
      case 'stop':
        return this.#stop.abort();
    }
  }

  #answered(message: Extract<ToThread, { type: 'answer' | 'refusal' }>): void {
    const waiting = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.type === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(new GatewayError(message.fault.code, message.fault.message));
  }

  #call<Name extends Call['name']>(call: Extract<Call, { name: Name }>): Promise<Answers[Name]> {
    return new Promise((resolve, reject) => {
      const id = this.#made++;
      this.#calls.set(id, { resolve, reject });
      this.#post({ type: 'call', id, call });
    });
  }

  #post(message: FromThread): void {
    this.#port.postMessage(message, []);
  }
}

function isSame(one: ServedDevice, other: ServedDevice): boolean {
  return one.id === other.id && isDeepStrictEqual(one.points, other.points);
}

async function serve(port: MessagePort, beginning: Beginning): Promise<void> {
  try {
    await new ServerThread(port).run(beginning);
  } catch (error) {
    const { code, message } = asGatewayError(error, 'server-failed');
    port.postMessage({ type: 'failed', fault: { code, message } } satisfies FromThread);
  }
  process.exit(); // ends this thread alone, whatever timers the stack still has
}

if (parentPort !== null) await serve(parentPort, workerData);
