import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { Reading } from '../model/reading.ts';
import { cannotWrite, endsSession, type BusWork } from './bus.ts';
import type { Driver, DriverDevice, PointWrite, Session } from './driver.ts';

// More than all clients of the control socket can ask at once; whoever meets the limit asks faster than the bus can answer.
const MOST_WAITING = 64;

/** What is to be done. `carryOut` answers whoever waits for it, and rejects only when the session is of no more use. */
type Task = { readonly carryOut: (session: Session, signal: AbortSignal) => Promise<void> };

type WorkRequest = Task & { readonly reject: (error: unknown) => void };

type WriteRequest = {
  readonly device: DriverDevice<unknown, unknown>;
  readonly writes: readonly PointWrite[];
  readonly resolve: (readings: readonly Reading[]) => void;
  readonly reject: (error: unknown) => void;
};

/** What waits for one bus beside its polls: bounded, each until its signal aborts. */
export class BusQueue {
  readonly #connection: string;
  readonly #driver: Driver;
  readonly #wake: () => void;
  readonly #work = new Set<WorkRequest>();
  readonly #writes = new Set<WriteRequest>();

  /** `wake` is called when something was put in. */
  constructor(connection: string, driver: Driver, wake: () => void) {
    this.#connection = connection;
    this.#driver = driver;
    this.#wake = wake;
  }

  get writes(): boolean {
    return this.#writes.size > 0;
  }

  get work(): boolean {
    return this.#work.size > 0;
  }

  get length(): number {
    return this.#work.size + this.#writes.size;
  }

  /** Puts work at the end. */
  put<T>(work: BusWork<T>, signal: AbortSignal): Promise<T> {
    return this.#wait(this.#work, signal, (resolve, reject) => ({
      reject,
      carryOut: async (session, lifetime) => {
        try {
          resolve(await work(session, lifetime));
        } catch (error) {
          const failure = lifetime.aborted ? error : asGatewayError(error, 'driver-failed');
          reject(failure);
          if (endsSession(failure)) throw failure;
        }
      },
    }));
  }

  /** Puts a write at the end. */
  putWrite(
    device: DriverDevice<unknown, unknown>,
    writes: readonly PointWrite[],
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    return this.#wait(this.#writes, signal, (resolve, reject) => ({ device, writes, resolve, reject }));
  }

  /** Takes the work that has waited longest. */
  take(): Task | undefined {
    const [first] = this.#work;
    if (first !== undefined) this.#work.delete(first);
    return first;
  }

  /** Takes the write that has waited longest, joined with those of the same device that concern other points. */
  takeWrites(): Task | undefined {
    const [first] = this.#writes;
    if (first === undefined) return undefined;
    const joined: WriteRequest[] = [];
    const points = new Set<number>();
    for (const request of this.#writes) {
      if (request.device.id !== first.device.id) continue;
      // A second write of a point comes after the first one has been read back, and so do those behind it.
      if (request.writes.some(({ point }) => points.has(point.number))) break;
      for (const { point } of request.writes) points.add(point.number);
      joined.push(request);
    }
    for (const request of joined) this.#writes.delete(request);
    return this.#joined(first.device, joined);
  }

  /** Tells everybody who waits why they wait in vain. */
  fail(error: unknown): void {
    for (const request of [...this.#work, ...this.#writes]) request.reject(error);
    this.#work.clear();
    this.#writes.clear();
  }

  #joined(device: DriverDevice<unknown, unknown>, requests: readonly WriteRequest[]): Task {
    return {
      carryOut: async (session, signal) => {
        try {
          if (session.write === undefined) throw cannotWrite(this.#driver);
          const writes = requests.flatMap((request) => request.writes);
          const readings = await session.write(device, writes, signal);
          for (const request of requests) {
            const asked = new Set(request.writes.map(({ point }) => point.number));
            request.resolve(readings.filter(({ point }) => asked.has(point)));
          }
        } catch (error) {
          const failure = signal.aborted ? error : asGatewayError(error, 'driver-failed');
          for (const request of requests) request.reject(failure);
          if (endsSession(failure)) throw failure;
        }
      },
    };
  }

  /** Lets a request wait in `line` until it is taken, fails, or `signal` aborts. */
  #wait<T, R extends { readonly reject: (error: unknown) => void }>(
    line: Set<R>,
    signal: AbortSignal,
    request: (resolve: (value: T) => void, reject: (error: unknown) => void) => R,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      signal.throwIfAborted();
      if (this.length >= MOST_WAITING) throw this.#isFull();
      const onAbort = (): void => {
        line.delete(waiting);
        reject(signal.reason);
      };
      const settled = (): void => signal.removeEventListener('abort', onAbort);
      const waiting = request(
        (value) => {
          settled();
          resolve(value);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
      signal.addEventListener('abort', onAbort, { once: true });
      line.add(waiting);
      this.#wake();
    });
  }

  #isFull(): GatewayError {
    return new GatewayError('bus-busy', `connection ${this.#connection}: ${this.length} requests wait already`);
  }
}
