import type { DriverContext } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { Inbox } from './inbox.ts';
import type { Link } from './link.ts';
import { unwrap, wrap, type Packet } from './wrapper.ts';

/** A wire on which wrapped APDUs travel. */
export class WrapperLine {
  readonly #wire: Wire;
  readonly #context: DriverContext;
  readonly #inbox: Inbox<Packet>;
  readonly #isStream: boolean;
  #rest = Buffer.alloc(0);

  /** To be called in the turn in which the wire was opened. Datagrams are whole packets, a stream is not. */
  constructor(wire: Wire, isStream: boolean, context: DriverContext) {
    this.#wire = wire;
    this.#context = context;
    this.#isStream = isStream;
    this.#inbox = new Inbox(context.clock);
    wire.listen({ received: (bytes) => this.#received(bytes), lost: (error) => this.#inbox.end(error) });
  }

  get open(): boolean {
    return this.#wire.open;
  }

  send(packet: Packet): void {
    const bytes = wrap(packet);
    this.#context.tap.listener?.({ direction: 'sent', bytes, meaning: explain(packet) });
    this.#wire.send(bytes);
  }

  next(milliseconds: number, signal: AbortSignal): Promise<Packet | undefined> {
    return this.#inbox.next(milliseconds, signal);
  }

  /** Nothing that still arrives may become an answer. */
  spend(): void {
    this.#inbox.clear();
    if (!this.#isStream) return;
    this.#wire.destroy();
    this.#inbox.end(new GatewayError('connection-lost', 'the connection was given up after a silence'));
  }

  #received(bytes: Buffer): void {
    const { packets, rest, fault } = unwrap(Buffer.concat([this.#rest, bytes]));
    for (const packet of packets) {
      this.#context.tap.listener?.({ direction: 'received', bytes: wrap(packet), meaning: explain(packet) });
      this.#inbox.put(packet);
    }
    this.#rest = this.#isStream ? Buffer.from(rest) : Buffer.alloc(0);
    if (fault === undefined) return;
    this.#context.tap.listener?.({ direction: 'received', bytes: rest, meaning: fault });
    this.#context.observe('malformed-frame', undefined, fault);
    this.#rest = Buffer.alloc(0);
    // Where the next packet begins is not to be known.
    if (this.#isStream) this.spend();
  }
}

function explain({ source, destination, apdu }: Packet): string {
  return `${source} to ${destination}, ${apdu.length} bytes`;
}

export type WrapperEnds = { readonly client: number; readonly server: number };

/** IEC 62056-47: the way to one meter by wrapper ports. There is nothing to connect beyond the wire. */
export class WrapperLink implements Link {
  readonly #line: WrapperLine;
  readonly #ends: WrapperEnds;
  readonly #settings: { readonly timeout: number; readonly name: string };

  constructor(line: WrapperLine, ends: WrapperEnds, settings: { readonly timeout: number; readonly name: string }) {
    this.#line = line;
    this.#ends = ends;
    this.#settings = settings;
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async disconnect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async exchange<T>(apdu: Buffer, take: (answer: Buffer) => T | undefined, signal: AbortSignal): Promise<T> {
    const { client, server } = this.#ends;
    const { timeout, name } = this.#settings;
    this.#line.send({ source: client, destination: server, apdu });
    const taken = await this.next(take, signal);
    if (taken !== undefined) return taken;
    this.#line.spend();
    throw new GatewayError('no-answer', `${name} does not answer within ${timeout} ms`);
  }

  async next<T>(take: (answer: Buffer) => T | undefined, signal: AbortSignal): Promise<T | undefined> {
    const { client, server } = this.#ends;
    for (;;) {
      const packet = await this.#line.next(this.#settings.timeout, signal);
      if (packet === undefined) return undefined;
      const isOurs = packet.source === server && packet.destination === client;
      const taken = isOurs ? take(packet.apdu) : undefined;
      if (taken !== undefined) return taken;
    }
  }
}
