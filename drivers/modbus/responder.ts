import type { SimulatedFault } from '../../src/collect/simulation.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Mouth } from '../../src/wire/listen.ts';
import { spoil, type Exchange, type Reply } from '../../src/wire/spoilt-answers.ts';
import { NOTHING, type Framing, type Message } from './framing.ts';
import { measureRequests } from './pdu.ts';
import { exceptionTo } from './simulated-unit.ts';

/** Answers the PDU of a request to `unit` with the PDU of its answer; undefined stays silent. */
type Answering = (unit: number, request: Buffer) => Buffer | undefined;

export type ResponderSettings = {
  readonly framing: Framing;
  readonly answer: Answering;
  readonly faults: readonly SimulatedFault[];
  readonly clock: Clock;
  /** The line that all requests share, where one is played. */
  readonly line: PacedLine | undefined;
};

/** The far end of one connection: bytes in, answers out. */
export class Responder {
  readonly #settings: ResponderSettings;
  readonly #mouth: Mouth;
  #rest = NOTHING;

  constructor(settings: ResponderSettings, mouth: Mouth) {
    this.#settings = settings;
    this.#mouth = mouth;
  }

  /** To be called with all bytes that arrive. What is no request is left out, or ends the connection. */
  received(bytes: Buffer): void {
    const { framing } = this.#settings;
    const held = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const { found, rest } = framing.cut(held, measureRequests);
    this.#rest = Buffer.from(rest);
    for (const piece of found) {
      if (piece.kind === 'frame') this.#respond(piece);
      if (piece.kind === 'malformed') this.#mouth.hangUp();
    }
  }

  #respond(request: Request): void {
    const { framing, answer, faults, line } = this.#settings;
    const pdu = answer(request.unit, request.pdu);
    if (pdu === undefined) {
      line?.occupy(request.bytes.length, 0);
      return;
    }
    const reply = spoil(faults, exchangeOf(request, pdu, framing), Math.random);
    const length = reply.bytes.reduce((sum, part) => sum + part.length, 0);
    this.#later((line?.occupy(request.bytes.length, length) ?? 0) + reply.delay, reply);
  }

  #later(delay: number, { bytes, hangUp }: Reply): void {
    const speak = (): void => {
      for (const part of bytes) this.#mouth.send(part);
      if (hangUp) this.#mouth.hangUp();
    };
    if (delay > 0) this.#settings.clock.after(delay, speak);
    else speak();
  }
}

const DEVICE_FAILURE = 4;
const PROTOCOL_AT = 3; // the low byte of the protocol number, where a frame has one
const CHECKED_AHEAD = 5; // from here to the end of the others there is data, which their checksum covers

type Request = Message & { readonly bytes: Buffer };

function exchangeOf(request: Request, pdu: Buffer, framing: Framing): Exchange {
  const answer = framing.encode({ ...request, pdu });
  return {
    unit: request.unit,
    request: request.bytes,
    answer,
    noticed: framing.numbered ? PROTOCOL_AT : Math.max(0, answer.length - CHECKED_AHEAD),
    refusal: (code = DEVICE_FAILURE) => framing.encode({ ...request, pdu: exceptionTo(request.pdu, code) }),
  };
}

const BITS_A_CHARACTER = 11; // MODBUS over Serial Line 1.02, 2.5.1: start, eight data, parity or a second stop, stop
const QUIET_CHARACTERS = 3.5;
const SHORTEST_QUIET = 1.75; // above 19 200 Bd (2.5.1.1)
const FAST = 19_200;
const THINKING = 2; // milliseconds that a device takes to answer

/** A serial line on which requests and answers take the time of its baud, one after the other. */
export class PacedLine {
  readonly #clock: Clock;
  readonly #character: number;
  readonly #quiet: number;
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(baud: number, clock: Clock) {
    this.#clock = clock;
    this.#character = (BITS_A_CHARACTER * 1_000) / baud;
    this.#quiet = baud > FAST ? SHORTEST_QUIET : QUIET_CHARACTERS * this.#character;
  }

  /** Milliseconds until the last byte of an answer has arrived, for a request that came this moment. */
  occupy(requestBytes: number, answerBytes: number): number {
    const now = this.#clock.monotonic();
    const heard = Math.max(now, this.#freeAt) + requestBytes * this.#character + this.#quiet;
    this.#freeAt = answerBytes === 0 ? heard : heard + THINKING + answerBytes * this.#character;
    return this.#freeAt - now;
  }
}
