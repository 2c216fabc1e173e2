import { readSecret } from '../../src/wire/secrets.ts';
import type { DataSet } from '../meter/data-lines.ts';
import { Misunderstanding, type Conversation } from './conversation.ts';
import { chooseBaud, parseIdentification, type Identification } from './identification.ts';
import { ACKNOWLEDGE, command, findMessage, selectOption, signOn, type Message } from './messages.ts';
import { readoutIn } from './push-framer.ts';
import { parseBlock, type Readout } from './readout.ts';
import type { DeviceSettings } from './schema.ts';

/** How fast a line begins, and how fast it may become. */
export type Speeds = { readonly first: number; readonly most: number };

type Meter = Pick<DeviceSettings, 'address' | 'wakeup' | 'password'>;

const CHARACTER_BITS = 10;
const WAKING = 1_500; // milliseconds between the zeros and the request (IEC 62056-21, annex on battery meters)
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
  async signOn({ address, wakeup }: Pick<Meter, 'address' | 'wakeup'>): Promise<Identification> {
    const { first } = this.#speeds;
    await this.#line.changeSpeed(first, 0, this.#signal);
    await this.#line.hush(this.#signal);
    if (wakeup > 0) {
      this.#line.say(Buffer.alloc(wakeup), `${wakeup} zeros, to wake it`);
      await this.#line.pause((wakeup * CHARACTER_BITS * 1_000) / first + WAKING, this.#signal);
    }
    this.#line.say(signOn(address), address === '' ? 'who is there?' : `is ${address} there?`);
    return this.#line.hear(findIdentification, describe, this.#signal);
  }

  /** Everything that the meter says by itself once it was signed on. Rejects with a Misunderstanding. */
  async readOut(meter: Meter): Promise<Readout> {
    const identification = await this.signOn(meter);
    if (identification.mode === 'A') return this.#plainReadout(identification);
    if (identification.mode === 'C') await this.#choose(identification, '0');
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
  async #choose(identification: Identification, option: '0' | '1'): Promise<void> {
    const { first, most } = this.#speeds;
    const { baud, character } = chooseBaud(identification, this.#line.changesSpeed ? most : first);
    const what = option === '0' ? 'read out' : 'programming';
    this.#line.say(selectOption(character, option), `${what} at ${baud} Bd`);
    await this.#line.changeSpeed(baud, (CHARACTER_BITS * 1_000) / first, this.#signal);
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
    work: (ask: (register: string) => Promise<readonly DataSet[]>) => Promise<T>,
  ): Promise<T> {
    const identification = await this.signOn(meter);
    if (identification.mode !== 'C') {
      throw new Misunderstanding('refused', `a meter of mode ${identification.mode} has no programming mode`);
    }
    await this.#choose(identification, '1');
    try {
      await this.#message(); // P0 with its operand
      if (meter.password !== undefined) await this.#unlock(await readSecret(meter.password));
      return await work((register) => this.#ask(register));
    } finally {
      this.#line.say(command('B0'), 'good-bye');
    }
  }

  async #unlock(password: string): Promise<void> {
    // What opens the meter is shown to nobody.
    this.#line.sayHidden(command('P1', `(${password})`), 'the password');
    const message = await this.#message();
    if (message.kind === 'acknowledged') return;
    throw new Misunderstanding('refused', 'the meter refuses the password');
  }

  async #ask(register: string): Promise<readonly DataSet[]> {
    const request = command('R5', register.includes('(') ? register : `${register}()`);
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

/** The first identification in what was heard; whatever stands before it, such as our own words, is taken along. */
function findIdentification(heard: Buffer): { readonly found: Identification; readonly length: number } | undefined {
  const text = heard.toString('latin1');
  for (let start = text.indexOf('/'); start !== -1; start = text.indexOf('/', start + 1)) {
    const result = parseIdentification(text.slice(start));
    if (result !== undefined) return { found: result.identification, length: start + result.length };
  }
  return undefined;
}

function describe({ text, mode, baud }: Identification): string {
  return `${text}: mode ${mode}, up to ${baud} Bd`;
}

function meaningOf(message: Message): string {
  return message.kind === 'data' ? `${message.command} ${message.text.length} characters`.trim() : message.kind;
}
