import type { Wire } from '../../src/wire/wire.ts';
import { FrameReader, judge, queryOf, toRtu, toTcp, transactionOf } from './frame.ts';
import type { Query, Transactions } from './frame.ts';

export interface PortObserver {
  /** An answer that an earlier request already had was thrown away; the stream is still sound. */
  late(detail: string): void;
  /** Something arrived that no request explains: nothing that follows on this wire can be trusted. */
  spoilt(reason: 'malformed-answer' | 'foreign-answer', detail: string): void;
}

/**
 * A port for modbus-serial over a wire that is already connected. The library would take any answer whose unit,
 * function and length agree; through here comes only the one frame that answers the outstanding request.
 */
export class TcpPort {
  readonly #wire: Wire;
  readonly #transactions: Transactions;
  readonly #observer: PortObserver;
  readonly #reader = new FrameReader();
  #asked: Query | undefined;
  #deliver: (answer: Buffer) => void = () => undefined;

  constructor(wire: Wire, transactions: Transactions, observer: PortObserver) {
    this.#wire = wire;
    this.#transactions = transactions;
    this.#observer = observer;
  }

  /** To be called with all bytes that arrive on the wire. */
  received(bytes: Buffer): void {
    const fault = this.#reader.push(bytes, (frame) => this.#take(frame));
    if (fault !== undefined) this.#observer.spoilt('malformed-answer', fault);
  }

  /** Answers whether the stream can be read on. */
  #take(frame: Buffer): boolean {
    const transaction = transactionOf(frame);
    if (transaction === this.#asked?.transaction) return this.#takeAnswer(frame, this.#asked);
    if (this.#transactions.wasIssued(transaction)) {
      this.#observer.late(`another answer to transaction ${transaction}`);
      return true;
    }
    this.#observer.spoilt('foreign-answer', `an answer to transaction ${transaction}, which was never asked`);
    return false;
  }

  #takeAnswer(frame: Buffer, asked: Query): boolean {
    const verdict = judge(frame, asked);
    if (verdict === 'answer') {
      this.#asked = undefined;
      this.#deliver(toRtu(frame));
      return true;
    }
    const question = `unit ${asked.unit}, function ${asked.code}, ${asked.bytes} bytes`;
    this.#observer.spoilt(`${verdict}-answer`, `asked for ${question}, got ${frame.toString('hex')}`);
    return false;
  }

  // From here on what modbus-serial expects of a port. Loss and close are told by the wire, not through the library.

  get isOpen(): boolean {
    return this.#wire.open;
  }

  open(callback: () => void): void {
    callback();
  }

  write(request: Buffer): void {
    const transaction = this.#transactions.next();
    this.#asked = queryOf(request, transaction);
    this.#wire.send(toTcp(request, transaction));
  }

  on(event: string, listener: (answer: Buffer) => void): void {
    if (event === 'data') this.#deliver = listener;
  }

  once(): void {}

  removeListener(): void {}
}
