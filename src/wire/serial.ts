import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { holdersOf, missing, resolvePort } from './port-files.ts';
import { enableRs485, type Rs485 } from './rs485.ts';
import { openPort, type LineSettings, type Port } from './serial-port.ts';
import type { Wire, WireListener } from './wire.ts';

/** A port and how its line is set; `timeout` in milliseconds bounds the opening. */
export type SerialTarget = LineSettings & {
  readonly path: string;
  readonly timeout: number;
  /** Where the port itself drives the direction of the line. */
  readonly rs485?: Rs485 | undefined;
};

export interface SerialWire extends Wire {
  /**
   * Resolves once everything sent has left the port, but for the character that its hardware still holds. Rejects with
   * `connection-lost` when the port does not get rid of it, or with the signal's reason.
   */
  drained(signal: AbortSignal): Promise<void>;
  /** From here on both directions run at `baud`; what arrived and was not heard yet is gone. Rejects as `drained`. */
  setBaud(baud: number, signal: AbortSignal): Promise<void>;
}

/** A port for messages, and the file it is now. */
type Place = { readonly name: string; readonly device: string };

/**
 * Opens a port for this process alone and sets its line, or throws the signal's reason, `port-missing` where it is not
 * plugged in, or `connection-failed` that says why, and who holds it. The port is free again once the disposal of its
 * wire has ended.
 */
export async function openSerial(target: SerialTarget, clock: Clock, signal: AbortSignal): Promise<SerialWire> {
  signal.throwIfAborted();
  const { path, timeout } = target;
  const late = (): GatewayError => failed(`${path} does not open within ${timeout} ms: its driver hangs`);
  const limit = { clock, milliseconds: timeout, late, signal };
  const device = await withDeadline(resolvePort(path), limit);
  const place = { name: path === device ? path : `${path} (${device})`, device };
  await withDeadline(Promise.resolve(leaving.get(device)), limit);
  const opening = openPort(device, target);
  try {
    const port = await withDeadline(opening, limit);
    if (target.rs485 !== undefined) await enableRs485({ fd: port.fd, name: place.name }, target.rs485, clock, signal);
    return new SerialLine(port, target, place, clock);
  } catch (error) {
    // A port that opens too late is closed as soon as it has.
    const undone = opening.then((port) => port.close());
    hold(device, undone);
    signal.throwIfAborted();
    throw await refusal(place, error);
  }
}

/**
 * Ports that the kernel has not let go of, and the calls it is at. A call that hangs in a driver takes one of the few
 * threads that Node has for such calls; the next opening waits for it, so that it never takes a second one.
 */
const leaving = new Map<string, Promise<void>>();

function hold(device: string, call: Promise<unknown>): void {
  const forget = (): void => {
    if (leaving.get(device) === held) leaving.delete(device);
  };
  const held = call.then(forget, forget);
  leaving.set(device, held);
}

// The library tells only the text of a failed system call.
const REFUSALS: readonly (readonly [text: RegExp, refusal: (place: Place) => Promise<GatewayError>])[] = [
  [/No such (file|device)/, ({ name }) => missing(name)],
  [/Cannot lock port|Device or resource busy/, inUse],
  [/Inappropriate ioctl/, ({ name }) => Promise.resolve(failed(`${name} is no serial port`))],
  [/Input\/output error/, ({ name }) => Promise.resolve(failed(`${name} has no hardware behind it`))],
];

async function refusal(place: Place, error: unknown): Promise<GatewayError> {
  if (error instanceof GatewayError) return error;
  const message = messageOf(error);
  const known = REFUSALS.find(([text]) => text.test(message));
  return known === undefined ? failed(`${place.name} ${message.replace(/^Error:? /, '')}`) : known[1](place);
}

async function inUse({ name, device }: Place): Promise<GatewayError> {
  const holders = await holdersOf(device);
  const who = holders.length > 0 ? holders.join(', ') : `another program: \`sudo fuser -v ${device}\` names it`;
  return failed(`${name} is in use by ${who}`);
}

function failed(message: string): GatewayError {
  return new GatewayError('connection-failed', message);
}

// Milliseconds.
const LONGEST_CLOSE = 2_000;
const LONGEST_DISCARD = 500;
const GRACE = 1_000; // beyond the time that the bytes take on the line

class SerialLine implements SerialWire {
  readonly #port: Port;
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #characterBits: number;
  #baud: number;
  #listener: WireListener | undefined;
  #reading: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  /** When everything sent so far is due to have left, monotonic milliseconds. */
  #sentAt = Number.NEGATIVE_INFINITY;
  #closed: Promise<void> | undefined;

  constructor(port: Port, line: LineSettings, place: Place, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.#place = place;
    this.#baud = line.baud;
    const startBit = 1;
    this.#characterBits = startBit + line.dataBits + (line.parity === 'none' ? 0 : 1) + line.stopBits;
  }

  get open(): boolean {
    return this.#closed === undefined;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    while (this.open) {
      const bytes = await this.#port.read().catch((error: unknown) => void this.#lose(error));
      if (bytes !== undefined) this.#listener?.received(bytes);
    }
  }

  send(bytes: Buffer): void {
    const milliseconds = (bytes.length * this.#characterBits * 1_000) / this.#baud;
    const due = Math.max(this.#sentAt, this.#clock.monotonic()) + milliseconds;
    this.#sentAt = due;
    this.#writing = this.#writing.then(() => this.#write(bytes, due));
  }

  async #write(bytes: Buffer, due: number): Promise<void> {
    if (!this.open) return;
    await this.#bounded(this.#port.write(bytes), due).catch((error: unknown) => void this.#lose(error));
  }

  async drained(signal: AbortSignal): Promise<void> {
    await this.#writing; // which is bounded by itself
    await this.#demand(() => this.#port.drain(), signal);
  }

  async setBaud(baud: number, signal: AbortSignal): Promise<void> {
    await this.#demand(() => this.#port.setBaud(baud), signal);
    this.#baud = baud;
  }

  /** Does what somebody waits for. A failure loses the wire, and is theirs too. */
  async #demand(call: () => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.open) throw this.#loss('was closed');
    try {
      await this.#bounded(call(), this.#sentAt, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#lose(error);
    }
  }

  #bounded(call: Promise<void>, due: number, signal?: AbortSignal): Promise<void> {
    const milliseconds = Math.max(0, due - this.#clock.monotonic()) + GRACE;
    const late = (): GatewayError => this.#loss('takes no more bytes: its driver hangs, or flow control stops it');
    return withDeadline(call, { clock: this.#clock, milliseconds, late, ...(signal !== undefined && { signal }) });
  }

  #loss(why: string, cause?: unknown): GatewayError {
    return new GatewayError('connection-lost', `${this.#place.name} ${why}`, { cause });
  }

  #lose(error: unknown): GatewayError {
    const listener = this.#listener;
    const loss = error instanceof GatewayError ? error : this.#loss('is gone: was it unplugged?', error);
    this.destroy();
    listener?.lost(loss);
    return loss;
  }

  destroy(): void {
    this.#listener = undefined;
    this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const closing = this.#letGo();
    hold(this.#place.device, closing);
    await this.#within(LONGEST_CLOSE, closing);
  }

  async #letGo(): Promise<void> {
    this.#port.interrupt();
    await Promise.allSettled([this.#reading, this.#writing]);
    // What was not sent yet would only keep the driver from closing.
    await this.#within(LONGEST_DISCARD, this.#port.discard());
    await this.#port.close();
  }

  /** Waits for `call` to end in whatever way, but no longer than `milliseconds`. */
  async #within(milliseconds: number, call: Promise<void>): Promise<void> {
    await withDeadline(call, { clock: this.#clock, milliseconds, late: hangs }).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.#closed;
  }
}

function hangs(): Error {
  return new Error('hangs in its driver');
}
