import modbusSerial from 'modbus-serial';
import type { WireEvent } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import type { Table } from './address.ts';
import type { Transactions } from './frame.ts';
import { TcpPort } from './port.ts';

/** What to read, of which unit; `size` in registers, or in bits where the table holds bits. */
export type Request = {
  readonly unit: number;
  readonly table: Table;
  readonly address: number;
  readonly size: number;
};

export type FailureReason = 'no-answer' | 'malformed-answer' | 'foreign-answer' | 'not-connected';

/** How a request ended: with its data bytes, with an exception of the device, or not at all. */
export type Answer =
  | { readonly kind: 'data'; readonly data: Buffer }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly detail: string };

export type ClientSettings = {
  /** Milliseconds for a whole answer. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly transactions: Transactions;
  readonly observe: (event: WireEvent, detail: string) => void;
};

const READ = {
  coil: 'writeFC1',
  discrete: 'writeFC2',
  holding: 'writeFC3',
  input: 'writeFC4',
} as const satisfies Record<Table, string>;

/** One wire, one request at a time. After the first failure it is spent: what still arrives can never be an answer. */
export class Client implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #settings: ClientSettings;
  readonly #library: InstanceType<typeof modbusSerial.default>;
  #settle: ((answer: Answer) => void) | undefined;

  constructor(wire: Wire, settings: ClientSettings) {
    this.#wire = wire;
    this.#settings = settings;
    const port = new TcpPort(wire, settings.transactions, {
      late: (detail) => settings.observe('late-frame', detail),
      spoilt: (reason, detail) => this.#spoil(reason, detail),
    });
    this.#library = new modbusSerial.default(port);
    this.#library.open();
    wire.listen({
      received: (bytes) => port.received(bytes),
      lost: (error) => this.#fail('not-connected', error.message),
    });
  }

  /** Whether it can still be asked. */
  get usable(): boolean {
    return this.#wire.open;
  }

  /** Rejects only with the signal's reason; aborting spends the client. To be called when no request is outstanding. */
  request({ unit, table, address, size }: Request, signal: AbortSignal): Promise<Answer> {
    const { clock, timeout } = this.#settings;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#settle !== undefined) throw new GatewayError('failed', 'a request was still outstanding');
      const finish = (): void => {
        this.#settle = undefined;
        cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        finish();
        this.#wire.destroy();
        reject(signal.reason);
      };
      const cancel = clock.after(timeout, () => this.#timeOut());
      signal.addEventListener('abort', onAbort, { once: true });
      this.#settle = (answer) => {
        finish();
        resolve(answer);
      };
      this.#library[READ[table]](unit, address, size, (error: Error | null, result?: { buffer: Buffer }) =>
        this.#answered(error, result),
      );
    });
  }

  #answered(error: Error | null, result: { buffer: Buffer } | undefined): void {
    if (result !== undefined) this.#settle?.({ kind: 'data', data: result.buffer });
    else if (error !== null && 'modbusCode' in error) {
      this.#settle?.({ kind: 'exception', code: Number(error.modbusCode) });
    } else this.#spoil('malformed-answer', error?.message ?? 'an empty answer');
  }

  #timeOut(): void {
    const detail = `no answer within ${this.#settings.timeout} ms`;
    this.#settings.observe('timeout', detail);
    this.#fail('no-answer', detail);
  }

  #spoil(reason: 'malformed-answer' | 'foreign-answer', detail: string): void {
    this.#settings.observe(reason === 'malformed-answer' ? 'malformed-frame' : 'foreign-frame', detail);
    this.#fail(reason, detail);
  }

  #fail(reason: FailureReason, detail: string): void {
    this.#wire.destroy();
    this.#settle?.({ kind: 'failed', reason, detail });
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    this.#fail('not-connected', 'the session was closed');
    return this.#wire[Symbol.asyncDispose]();
  }
}
