import { readSecret } from '../../src/wire/secrets.ts';
import type { DataSet } from '../meter/data-lines.ts';
import { Misunderstanding, type Conversation } from '../meter/conversation.ts';
import type { Identification } from '../meter/identification.ts';
import { choose, signOn, type Option, type SignedOn, type Speeds } from '../meter/sign-on.ts';
import { ACKNOWLEDGE, command, findMessage, type Message } from './messages.ts';
import type { ReadCommand } from './profile.ts';
import { readoutIn } from './push-framer.ts';
import { parseBlock, type Readout } from './readout.ts';
import type { DeviceSettings } from './schema.ts';

type Meter = Pick<DeviceSettings, 'address' | 'wakeup' | 'password'>;

const MOST_BLOCKS = 1_000;

/** One exchange with a meter, from signing on until it has said what was asked. */
export class Dialogue {
  readonly #line: Conversation;
  readonly #speeds: Speeds;
  readonly #signal: AbortSignal;

  constructor(line: Conversation, speeds: Speeds, signal: AbortSignal) {
    this.#line = line;
    this.#speeds = speeds;
    this.#signal = signal;
  }

  /** Asks who is there. */
  signOn(meter: SignedOn): Promise<Identification> {
    return signOn(this.#line, meter, this.#speeds.first, this.#signal);
  }

  /** Everything that the meter says by itself once it was signed on. Rejects with a Misunderstanding. */
  async readOut(meter: Meter): Promise<Readout> {
    const identification = await this.signOn(meter);
    if (identification.mode === 'A') return this.#plainReadout(identification);
    if (identification.mode === 'C') await this.#choose(identification, 'readout');
    else await this.#follow(identification);
    const text = await this.#block();
    const sets = parseBlock(text, true);
    if (typeof sets === 'string') throw new Misunderstanding('malformed-answer', sets);
    return { identification, sets };
  }

  /** A meter of mode A goes on at once, and some of them without a check. */
  async #plainReadout(identification: Identification): Promise<Readout> {
    const { sets } = await this.#line.hear(
      (heard) => {
        const found = readoutIn(heard, { length: 0 });
        return found === undefined ? undefined : { found, length: found.length };
      },
      () => 'data',
      this.#signal,
    );
    if (typeof sets === 'string') throw new Misunderstanding('malformed-answer', sets);
    return { identification, sets };
  }

  /** A meter of mode B changes its speed by itself, right after its identification. */
  async #follow({ baud }: Identification): Promise<void> {
    if (!this.#line.changesSpeed && baud !== this.#speeds.first) {
      throw new Misunderstanding('malformed-answer', `it goes on at ${baud} Bd, which this line cannot follow`);
    }
    await this.#line.changeSpeed(baud, 0, this.#signal);
  }

  /** Tells a meter of mode C what to do, and how fast to say it. */
  async #choose(identification: Identification, option: Option): Promise<void> {
    await choose(this.#line, identification, { option, speeds: this.#speeds }, this.#signal);
  }

  /** The text of the next data message, with those that go on with it. */
  async #block(): Promise<string> {
    let text = '';
    for (let count = 0; count < MOST_BLOCKS; count += 1) {
      const message = await this.#message();
      if (message.kind === 'refused') throw new Misunderstanding('refused', 'the meter refuses it');
      if (message.kind === 'garbled')
        throw new Misunderstanding('malformed-answer', 'the block check of its data is wrong');
      // An acknowledgement is ours, which the line hands back.
      if (message.kind === 'acknowledged') continue;
      if (message.command !== '') {
        throw new Misunderstanding('malformed-answer', `the command ${message.command} instead of data`);
      }
      text += message.text;
      if (!message.isPartial) return text;
      this.#line.say(ACKNOWLEDGE, 'go on');
    }
    throw new Misunderstanding('malformed-answer', 'its data have no end');
  }

  async #message(own?: Buffer): Promise<Message> {
    return this.#line.hear(
      (heard) => {
        const result = findMessage(heard);
        return result === undefined ? undefined : { found: result.message, length: result.length };
      },
      (message) => (own === undefined ? meaningOf(message) : `answer: ${meaningOf(message)}`),
      this.#signal,
    );
  }

  /** Programming mode for as long as `work` takes, which asks for registers by it; the password of the meter opens it. */
  async programming<T>(
    meter: Meter,
    work: (ask: (register: string, by?: ReadCommand) => Promise<readonly DataSet[]>) => Promise<T>,
  ): Promise<T> {
    const identification = await this.signOn(meter);
    if (identification.mode !== 'C') {
      throw new Misunderstanding('refused', `a meter of mode ${identification.mode} has no programming mode`);
    }
    await this.#choose(identification, 'programming');
    try {
      await this.#passwordRequest();
      if (meter.password !== undefined) await this.#unlock(await readSecret(meter.password));
      return await work((register, by) => this.#ask(register, by));
    } finally {
      this.#line.say(command('B0'), 'good-bye');
    }
  }

  /** 6.3.11: P0 with its operand; anything else is late, or no meter in programming mode. */
  async #passwordRequest(): Promise<void> {
    const message = await this.#message();
    if (message.kind === 'data' && message.command.startsWith('P')) return;
    throw new Misunderstanding('malformed-answer', `${message.kind} instead of the request for a password (P0)`);
  }

  async #unlock(password: string): Promise<void> {
    // What opens the meter is shown to nobody.
    this.#line.sayHidden(command('P1', `(${password})`), 'the password');
    const message = await this.#message();
    if (message.kind === 'acknowledged') return;
    throw new Misunderstanding('refused', 'the meter refuses the password');
  }

  async #ask(register: string, by: ReadCommand = 'R5'): Promise<readonly DataSet[]> {
    const request = command(by, register.includes('(') ? register : `${register}()`);
    this.#line.say(request, `read ${register}`);
    const text = await this.#block();
    if (ERROR.test(text)) throw new Misunderstanding('refused', `the meter answers ${text.trim().slice(0, 40)}`);
    const named = text.startsWith('(') ? `${register.replace(/\(.*$/, '')}${text}` : text;
    const sets = parseBlock(named, true);
    if (typeof sets === 'string') throw new Misunderstanding('malformed-answer', sets);
    return sets;
  }
}

// 6.4.3.2: an error message instead of data, and what meters make of it.
const ERROR = /^[^(]*\(\s*(?:ERROR|ERR?\d*|ER\d+)\s*\)/i;

function meaningOf(message: Message): string {
  return message.kind === 'data' ? `${message.command} ${message.text.length} characters`.trim() : message.kind;
}
