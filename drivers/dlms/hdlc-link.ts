import { GatewayError } from '../../src/model/errors.ts';
import { decodeControl, encodeControl, nextNumber, type Control } from './hdlc-control.ts';
import type { Frame } from './hdlc-frame.ts';
import type { HdlcLine } from './hdlc-line.ts';
import { decodeParameters, encodeParameters, type Parameters } from './hdlc-parameters.ts';
import type { Link, Patience } from './link.ts';
import { malformed } from './reader.ts';

// IEC 62056-46, 5.3.2: the header of the logical link control, to and from a server.
export const LLC_REQUEST = Buffer.of(0xe6, 0xe6, 0x00);
export const LLC_RESPONSE = Buffer.of(0xe6, 0xe7, 0x00);
const NOTHING: Buffer = Buffer.alloc(0);

// Most meters hold no longer ones; more would not be much faster than these.
const LONGEST_ANSWER = 65_535 + LLC_RESPONSE.length;

export type Ends = { readonly client: Buffer; readonly server: Buffer };

export type HdlcSettings = Patience & {
  readonly proposal: Parameters;
  /** For messages. */
  readonly name: string;
  /** Has the meter listen to HDLC, where it does not do so by itself. Rejects as a link does, or with `device-refused`. */
  readonly signOn?: ((signal: AbortSignal) => Promise<void> | undefined) | undefined;
};

/** What has become of a frame that was sent. */
type Meaning =
  /** A frame of the answer came, the one that was due. */
  | 'taken'
  /** It arrived. */
  | 'acknowledged'
  /** It did not arrive. */
  | 'repeat'
  /** The answer, or a frame of it, is not there yet. */
  | 'again'
  | 'silence'
  | 'ignored';

type Received = { readonly frame: Frame; readonly control: Control };

/** IEC 62056-46: the data link to one meter. We are its primary station, which speaks first and asks for every answer. */
export class HdlcLink implements Link {
  readonly #line: HdlcLine;
  readonly #ends: Ends;
  readonly #settings: HdlcSettings;
  /** The number of the next frame in each direction. */
  #send = 0;
  #receive = 0;
  /** Bytes of information that the meter takes in a frame. */
  #longest = 0;
  #isConnected = false;

  constructor(line: HdlcLine, ends: Ends, settings: HdlcSettings) {
    this.#line = line;
    this.#ends = ends;
    this.#settings = settings;
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#signOn(signal);
    this.#line.clear();
    const proposal = encodeParameters(this.#settings.proposal);
    for (let attempt = 0; attempt <= this.#settings.retries; attempt += 1) {
      this.#transmit({ kind: 'SNRM', final: true }, proposal);
      const received = await this.#next(signal, ({ kind }) => kind === 'UA' || kind === 'DM');
      if (received?.control.kind === 'DM')
        throw this.#refused('refuses the connection (DM): does it know this client?');
      if (received === undefined) continue;
      const { receiveBytes, transmitBytes } = decodeParameters(received.frame.information);
      this.#longest = Math.min(receiveBytes, transmitBytes, this.#settings.proposal.transmitBytes);
      this.#send = 0;
      this.#receive = 0;
      this.#isConnected = true;
      return;
    }
    throw this.#silent(`does not answer SNRM within ${this.#settings.timeout} ms`);
  }

  async #signOn(signal: AbortSignal): Promise<void> {
    const { signOn } = this.#settings;
    if (signOn === undefined) return;
    // A meter that speaks HDLC still does not hear the text of a sign-on.
    if (this.#isConnected) await this.disconnect(signal);
    await signOn(signal);
  }

  async disconnect(signal: AbortSignal): Promise<void> {
    this.#isConnected = false;
    this.#transmit({ kind: 'DISC', final: true });
    await this.#next(signal, ({ kind }) => kind === 'UA' || kind === 'DM');
  }

  async exchange<T>(apdu: Buffer, take: (answer: Buffer) => T | undefined, signal: AbortSignal): Promise<T> {
    const information = Buffer.concat([LLC_REQUEST, apdu]);
    const parts = Math.ceil(information.length / this.#longest);
    let answer: readonly Frame[] = [];
    for (let part = 0; part < parts; part += 1) {
      const bytes = information.subarray(part * this.#longest, (part + 1) * this.#longest);
      const isLast = part === parts - 1;
      answer = await this.#deliver(bytes, isLast, signal);
    }
    const whole = Buffer.concat(answer.map((frame) => frame.information));
    if (!whole.subarray(0, LLC_RESPONSE.length).equals(LLC_RESPONSE))
      throw malformed('an answer without its LLC header');
    const taken = take(whole.subarray(LLC_RESPONSE.length));
    // Its frames are numbered: there is no other answer that could still come.
    if (taken === undefined) throw malformed('an answer to something else');
    return taken;
  }

  /** Sends a part of a request until the meter has it; of the last one resolves with the frames of the answer. */
  async #deliver(information: Buffer, isLast: boolean, signal: AbortSignal): Promise<readonly Frame[]> {
    const number = this.#send;
    const send = (): void =>
      this.#transmit({ kind: 'I', send: number, receive: this.#receive, final: true }, information, !isLast);
    this.#send = nextNumber(number);
    send();
    const answer: Frame[] = [];
    for (let troubles = 0; ;) {
      const received = await this.#next(signal, isOfTransfer);
      const meaning = received === undefined ? 'silence' : this.#judge(received, number);
      if (meaning === 'acknowledged' && !isLast) return [];
      if (meaning === 'taken' && received !== undefined) {
        troubles = 0;
        if (this.#keep(answer, received)) return answer;
      } else if (meaning !== 'ignored') {
        troubles += 1;
        if (troubles > this.#settings.retries) throw this.#silent(this.#despair(meaning));
        await this.#recover(meaning, send, signal);
      }
    }
  }

  /** 6.4.4.4: the answer to a poll shows what has arrived, and brings again what has not. */
  async #recover(meaning: Meaning, send: () => void, signal: AbortSignal): Promise<void> {
    if (meaning === 'repeat') {
      send();
      return;
    }
    // A meter that has nothing yet is not asked at full speed.
    if (meaning !== 'silence') await this.#line.pause(this.#settings.timeout / 10, signal);
    this.#acknowledge();
  }

  #despair(meaning: Meaning): string {
    const within = `within ${this.#settings.timeout} ms`;
    if (meaning === 'repeat') return 'did not get what was sent to it';
    return meaning === 'silence' ? `does not answer ${within}` : `has no answer ${within}`;
  }

  /** Adds a frame to the answer; whether that is all of it. */
  #keep(answer: Frame[], { frame, control }: Received): boolean {
    answer.push(frame);
    if (answer.reduce((sum, { information }) => sum + information.length, 0) > LONGEST_ANSWER) {
      throw malformed(`an answer of more than ${LONGEST_ANSWER} bytes`);
    }
    if (!frame.segmented) return true;
    if (control.final) this.#acknowledge();
    return false;
  }

  /** What a frame means while the one with `number` waits for its answer. */
  #judge({ control }: Received, number: number): Meaning {
    if (control.kind === 'I') return this.#judgeAnswer(control);
    if (control.kind === 'UA') return 'ignored'; // said twice
    if (!('receive' in control)) throw this.#silent(`has ended the connection (${control.kind})`);
    if (control.receive === number) return control.kind === 'RNR' ? 'again' : 'repeat';
    if (control.receive !== this.#send) return 'ignored';
    return control.kind === 'RR' ? 'acknowledged' : 'again';
  }

  #judgeAnswer({ send, receive }: Extract<Control, { kind: 'I' }>): Meaning {
    // What was taken before may be said twice.
    if (receive !== this.#send || nextNumber(send) === this.#receive) return 'ignored';
    if (send !== this.#receive) return 'again';
    this.#receive = nextNumber(send);
    return 'taken';
  }

  #acknowledge(): void {
    this.#transmit({ kind: 'RR', receive: this.#receive, final: true });
  }

  #transmit(control: Control, information = NOTHING, segmented = false): void {
    const { client, server } = this.#ends;
    this.#line.send({ destination: server, source: client, control: encodeControl(control), segmented, information });
  }

  /** The next frame of this meter that is `wanted`; undefined where none comes in time. */
  async #next(signal: AbortSignal, wanted: (control: Control) => boolean): Promise<Received | undefined> {
    for (;;) {
      const frame = await this.#line.next(this.#settings.timeout, signal);
      if (frame === undefined) return undefined;
      const control = decodeControl(frame.control);
      const isOurs = frame.destination.equals(this.#ends.client) && frame.source.equals(this.#ends.server);
      if (isOurs && control !== undefined && wanted(control)) return { frame, control };
    }
  }

  #refused(why: string): GatewayError {
    return new GatewayError('device-refused', `${this.#settings.name} ${why}`);
  }

  #silent(why: string): GatewayError {
    return new GatewayError('no-answer', `${this.#settings.name} ${why}`);
  }
}

function isOfTransfer({ kind }: Control): boolean {
  return kind !== 'SNRM' && kind !== 'DISC' && kind !== 'UI';
}
