import { decodeControl, encodeControl, nextNumber, type Control } from './hdlc-control.ts';
import { encodeFrame, type Frame } from './hdlc-frame.ts';
import { decodeParameters, DEFAULTS, writeParameters, type Parameters } from './hdlc-parameters.ts';
import { LLC_REQUEST, LLC_RESPONSE } from './hdlc-link.ts';

/** What answers the APDUs that a station receives. */
export type Answering = (apdu: Buffer) => Promise<Buffer | undefined>;

const GENEROUS: Parameters = { ...DEFAULTS, transmitBytes: 2_030, receiveBytes: 2_030 };

const NOTHING: Buffer = Buffer.alloc(0);

/** The other end of the data link: a secondary station, which speaks only when it is asked. */
export class HdlcStation {
  readonly #begin: () => Answering;
  /** What it can do at most, and what was agreed upon with the client. */
  readonly #most: Parameters;
  #agreed: Parameters = DEFAULTS;
  #answering: Answering | undefined;
  #send = 0;
  #receive = 0;
  #heard: Buffer[] = [];
  /** How many of those that wait have been sent. */
  #sent = 0;
  /** Frames of an answer that the client has not acknowledged. */
  #waiting: { readonly number: number; readonly information: Buffer; readonly segmented: boolean }[] = [];

  /** `begin` is called for each connection that a client makes. */
  constructor(begin: () => Answering, most = GENEROUS) {
    this.#begin = begin;
    this.#most = most;
  }

  /** The frames that answer one; with their flags. */
  async answer(frame: Frame): Promise<readonly Buffer[]> {
    const control = decodeControl(frame.control);
    if (control === undefined) return [];
    const reply = (back: Control, information = NOTHING, segmented = false): Buffer =>
      encodeFrame({
        destination: frame.source,
        source: frame.destination,
        control: encodeControl(back),
        segmented,
        information,
      });
    if (control.kind === 'SNRM') {
      this.#answering = this.#begin();
      [this.#send, this.#receive, this.#sent, this.#heard, this.#waiting] = [0, 0, 0, [], []];
      this.#agreed = agreed(decodeParameters(frame.information), this.#most);
      return [reply({ kind: 'UA', final: true }, writeParameters(this.#agreed))];
    }
    if (this.#answering === undefined) return control.final ? [reply({ kind: 'DM', final: true })] : [];
    if (control.kind === 'DISC') {
      this.#answering = undefined;
      return [reply({ kind: 'UA', final: true })];
    }
    if (!('receive' in control)) return [];
    this.#acknowledged(control.receive);
    if (control.kind === 'I' && control.send === this.#receive) await this.#take(frame, this.#answering);
    return this.#next(control).map(({ number, information, segmented, final }) =>
      number === undefined
        ? reply({ kind: 'RR', receive: this.#receive, final: true })
        : reply({ kind: 'I', send: number, receive: this.#receive, final }, information, segmented),
    );
  }

  /** Lets go of the frames before the one that the client expects next. */
  #acknowledged(expected: number): void {
    while (this.#sent > 0 && this.#waiting[0]?.number !== expected) {
      this.#waiting.shift();
      this.#sent -= 1;
    }
  }

  async #take({ information, segmented }: Frame, answering: Answering): Promise<void> {
    this.#receive = nextNumber(this.#receive);
    this.#heard.push(information);
    if (segmented) return;
    const request = Buffer.concat(this.#heard);
    this.#heard = [];
    const answer = await answering(request.subarray(LLC_REQUEST.length));
    if (answer === undefined) return;
    const whole = Buffer.concat([LLC_RESPONSE, answer]);
    const size = this.#agreed.transmitBytes;
    for (let at = 0; at < whole.length; at += size) {
      const part = whole.subarray(at, at + size);
      this.#waiting.push({ number: this.#send, information: part, segmented: at + size < whole.length });
      this.#send = nextNumber(this.#send);
    }
  }

  /** As many frames as the window allows, the last of which ends the turn; an acknowledgement where there are none. */
  #next(control: Control): readonly {
    readonly number: number | undefined;
    readonly information: Buffer;
    readonly segmented: boolean;
    readonly final: boolean;
  }[] {
    if (!control.final) return [];
    const frames = this.#waiting.slice(0, this.#agreed.transmitWindow);
    this.#sent = frames.length;
    if (frames.length === 0) return [{ number: undefined, information: NOTHING, segmented: false, final: true }];
    return frames.map((frame, index) => ({ ...frame, final: index === frames.length - 1 }));
  }
}

/** Each side sends what the other takes. */
function agreed(proposed: Parameters, most: Parameters): Parameters {
  return {
    transmitBytes: Math.min(proposed.receiveBytes, most.transmitBytes),
    receiveBytes: Math.min(proposed.transmitBytes, most.receiveBytes),
    transmitWindow: Math.min(proposed.receiveWindow, most.transmitWindow),
    receiveWindow: Math.min(proposed.transmitWindow, most.receiveWindow),
  };
}
