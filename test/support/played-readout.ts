import { dataMessage, ETX, findMessage } from '../../drivers/iec62056/messages.ts';

const EOT = 0x04;

/** A meter of mode C: what it is called, what it holds, and what it wants to be opened with. */
export type ReadoutMeter = {
  readonly identification: string;
  readonly lines: readonly string[];
  readonly address?: string;
  readonly password?: string;
  /** Answers to `R5`, by what stands before the parenthesis. */
  readonly registers?: Readonly<Record<string, string>>;
};

/** What a meter answers to what it has heard so far; it forgets what it has answered. */
export class ReadoutListener {
  readonly #meter: ReadoutMeter;
  #heard: Buffer = Buffer.alloc(0);
  #waiting: string[] = [];

  constructor(meter: ReadoutMeter) {
    this.#meter = meter;
  }

  /** The answer to the bytes that came last; undefined where they are no request yet, or one to another. */
  answer(bytes: Buffer): { readonly kind: 'identification' | 'readout' | 'other'; readonly bytes: Buffer } | undefined {
    this.#heard = Buffer.concat([this.#heard, bytes]);
    const text = this.#heard.toString('latin1');
    if (this.#waiting.length > 0 && text.endsWith('\u0006')) return this.#goOn();
    const [request, address = ''] = /\/\?([^!]*)!\r\n/.exec(text) ?? [];
    if (request !== undefined) return this.#identify(address);
    const [, option] = /^.0\d([01])\r\n/.exec(text.slice(text.lastIndexOf('\u0006'))) ?? [];
    if (option !== undefined) return this.#begin(option);
    const found = this.#heard.includes(0x03) ? findMessage(this.#heard) : undefined;
    if (found?.message.kind !== 'data') return undefined;
    this.#heard = Buffer.alloc(0);
    return this.#obey(found.message.command, found.message.text);
  }

  /** The next partial block; all but the last end with EOT. */
  #goOn(): ReturnType<ReadoutListener['answer']> {
    this.#heard = Buffer.alloc(0);
    const part = this.#waiting.shift() ?? '';
    return { kind: 'other', bytes: dataMessage(part, this.#waiting.length === 0 ? ETX : EOT) };
  }

  #identify(address: string): ReturnType<ReadoutListener['answer']> {
    this.#heard = Buffer.alloc(0);
    if (address !== '' && address !== this.#meter.address) return undefined;
    return { kind: 'identification', bytes: Buffer.from(`/${this.#meter.identification}\r\n`) };
  }

  #begin(option: string): ReturnType<ReadoutListener['answer']> {
    this.#heard = Buffer.alloc(0);
    if (option === '1') return { kind: 'other', bytes: withCommand('P0', '(12345678)') };
    return { kind: 'readout', bytes: dataMessage([...this.#meter.lines, '!', ''].join('\r\n')) };
  }

  #obey(name: string, data: string): ReturnType<ReadoutListener['answer']> {
    if (name === 'P1') {
      return { kind: 'other', bytes: Buffer.of(data === `(${this.#meter.password})` ? 0x06 : 0x15) };
    }
    const register = data.slice(0, data.indexOf('('));
    if (name === 'R6') {
      // A partial block for each line; their number is asked for behind the times.
      if (!data.endsWith(';8)')) return { kind: 'other', bytes: dataMessage('(ER23)') };
      this.#waiting = (this.#meter.registers?.[register] ?? '(ER23)').split(/(?<=\r\n)/);
      return this.#goOn();
    }
    if (name !== 'R5') return undefined;
    return { kind: 'other', bytes: dataMessage(this.#meter.registers?.[register] ?? '(ER23)') };
  }
}

function withCommand(name: string, data: string): Buffer {
  const message = dataMessage(data);
  const body = Buffer.concat([Buffer.from(`\u0001${name}`), message.subarray(0, -1)]);
  return Buffer.concat([body, Buffer.of(body.subarray(1).reduce((check, byte) => check ^ byte, 0))]);
}
