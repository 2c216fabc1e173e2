import type { DriverContext } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { openSerial, type SerialWire } from '../../src/wire/serial.ts';
import type { WireListener } from '../../src/wire/wire.ts';
import { Conversation, Misunderstanding } from '../meter/conversation.ts';
import { FIRST_BAUD, type Identification } from '../meter/identification.ts';
import { choose, signOn } from '../meter/sign-on.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import { HdlcLine } from './hdlc-line.ts';

type SerialSettings = Extract<ConnectionSettings, { transport: 'serial' }>;

// Milliseconds. A meter reacts within 1.5 s; it and we let 200 ms pass before we answer (IEC 62056-21, 6.3.14).
const PATIENCE = 2_000;
const REACTION = 200;

/**
 * The line of a meter that speaks readable text at 300 Bd until it is told to go on in HDLC: IEC 62056-21, mode E. Text
 * has seven bits and parity, HDLC eight without: the port stays at eight, and the parity of the text is ours to see to.
 */
export class OpticalHead implements AsyncDisposable {
  /** For what comes after the sign-on. */
  readonly line: HdlcLine;
  readonly #wire: LentWire;
  readonly #settings: SerialSettings;
  readonly #context: DriverContext;
  #identification: Identification | undefined;

  private constructor(wire: LentWire, settings: SerialSettings, context: DriverContext) {
    this.#wire = wire;
    this.#settings = settings;
    this.#context = context;
    this.line = new HdlcLine(wire, context);
  }

  /** Throws as `openSerial` does. */
  static async open(settings: SerialSettings, context: DriverContext, signal: AbortSignal): Promise<OpticalHead> {
    const port = { ...settings, baud: FIRST_BAUD, dataBits: 8, parity: 'none', stopBits: 1 } as const;
    const wire = new LentWire(await openSerial(port, context.clock, signal), FIRST_BAUD);
    return new OpticalHead(wire, settings, context);
  }

  /** What the meter has said that it is. */
  get identification(): string | undefined {
    return this.#identification?.text;
  }

  /** Has the meter go on in HDLC; `name` is for messages. Rejects as links do, and with `device-refused` where it cannot. */
  async signOn(name: string, signal: AbortSignal): Promise<void> {
    const manner = { softwareParity: true, patience: PATIENCE, baud: this.#wire.baud };
    const text = new Conversation(this.#wire, manner, this.#context);
    try {
      this.#identification = await this.#askRepeatedly(text, signal);
      if (!this.#identification.speaksHdlc) throw speaksTextAlone(name, this.#identification);
      const speeds = { first: FIRST_BAUD, most: this.#settings.baud };
      await choose(text, this.#identification, { option: 'hdlc', speeds }, signal);
      await confirmed(text, signal);
      await text.pause(REACTION, signal);
    } catch (error) {
      throw error instanceof Misunderstanding ? misunderstood(name, error) : error;
    } finally {
      this.line.attend();
    }
  }

  async #askRepeatedly(text: Conversation, signal: AbortSignal): Promise<Identification> {
    const meter = { address: this.#settings.signOnAddress, wakeup: 0 };
    for (let left = this.#settings.retries; ; left -= 1) {
      try {
        return await signOn(text, meter, FIRST_BAUD, signal);
      } catch (error) {
        if (!(error instanceof Misunderstanding) || left === 0) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire[Symbol.asyncDispose]();
  }
}

/** IEC 62056-21, annex E: the meter repeats the choice, at the new speed and still with parity. Some leave it out. */
async function confirmed(text: Conversation, signal: AbortSignal): Promise<void> {
  // It is our own words: an echo of them is no other thing, but that comes before the speed has changed.
  text.forget();
  try {
    await text.hear(findLine, () => 'confirmed', signal);
  } catch (error) {
    if (!(error instanceof Misunderstanding)) throw error;
  }
}

function findLine(heard: Buffer): { readonly found: true; readonly length: number } | undefined {
  const end = heard.indexOf('\n');
  return end === -1 ? undefined : { found: true, length: end + 1 };
}

function speaksTextAlone(name: string, { text }: Identification): GatewayError {
  const why = `signs on as ${text} and offers no HDLC (mode E): the driver iec62056-21 reads such meters`;
  return new GatewayError('device-refused', `${name} ${why}`);
}

function misunderstood(name: string, { reason, message }: Misunderstanding): GatewayError {
  const code = reason === 'no-answer' ? 'no-answer' : 'answer-malformed';
  return new GatewayError(code, `${name}: signing on at ${FIRST_BAUD} Bd, ${message}`);
}

/** A wire that two use in turn: what arrives is for the one who listened last. */
class LentWire implements SerialWire {
  readonly #wire: SerialWire;
  #baud: number;
  #listener: WireListener | undefined;

  /** To be called in the turn in which the wire was opened. */
  constructor(wire: SerialWire, baud: number) {
    this.#wire = wire;
    this.#baud = baud;
    wire.listen({
      received: (bytes) => this.#listener?.received(bytes),
      lost: (error) => this.#listener?.lost(error),
    });
  }

  get open(): boolean {
    return this.#wire.open;
  }

  get baud(): number {
    return this.#baud;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
  }

  send(bytes: Buffer): void {
    this.#wire.send(bytes);
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#wire.drained(signal);
  }

  async setBaud(baud: number, signal: AbortSignal): Promise<void> {
    await this.#wire.setBaud(baud, signal);
    this.#baud = baud;
  }

  destroy(): void {
    this.#wire.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire[Symbol.asyncDispose]();
  }
}
