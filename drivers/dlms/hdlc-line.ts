import type { DriverContext } from '../../src/collect/driver.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { explainControl } from './hdlc-control.ts';
import { encodeFrame, type Frame } from './hdlc-frame.ts';
import { HdlcFramer } from './hdlc-framer.ts';
import { Inbox } from './inbox.ts';

/** A wire on which frames of HDLC travel, to whichever meter. */
export class HdlcLine {
  readonly #wire: Wire;
  readonly #context: DriverContext;
  readonly #framer = new HdlcFramer();
  readonly #inbox: Inbox<Frame>;

  /** To be called in the turn in which the wire was opened. */
  constructor(wire: Wire, context: DriverContext) {
    this.#wire = wire;
    this.#context = context;
    this.#inbox = new Inbox(context.clock);
    this.attend();
  }

  /** Listens; to be called again where the wire was lent to somebody else. */
  attend(): void {
    this.#wire.listen({ received: (bytes) => this.#received(bytes), lost: (error) => this.#inbox.end(error) });
  }

  get open(): boolean {
    return this.#wire.open;
  }

  send(frame: Frame): void {
    const bytes = encodeFrame(frame);
    this.#context.tap.listener?.({ direction: 'sent', bytes, meaning: explainControl(frame) });
    this.#wire.send(bytes);
  }

  /** The next frame of whoever sends one; undefined where none comes within so many milliseconds. */
  next(milliseconds: number, signal: AbortSignal): Promise<Frame | undefined> {
    return this.#inbox.next(milliseconds, signal);
  }

  /** Waits for so many milliseconds. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#context.clock.sleep(milliseconds, signal);
  }

  /** Forgets what has arrived so far. */
  clear(): void {
    this.#framer.drop();
    this.#inbox.clear();
  }

  #received(bytes: Buffer): void {
    for (const found of this.#framer.push(bytes)) {
      if (found.kind === 'frame') {
        const meaning = explainControl(found.frame);
        this.#context.tap.listener?.({ direction: 'received', bytes: found.bytes, meaning });
        this.#inbox.put(found.frame);
      } else {
        this.#context.tap.listener?.({ direction: 'received', bytes: found.bytes, meaning: found.kind });
        this.#context.observe(found.kind, undefined, `${found.bytes.length} bytes`);
      }
    }
  }
}
