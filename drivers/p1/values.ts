import { isoTime } from '../../src/model/clock.ts';
import { parseQuantified, type DataSet } from '../meter/data-lines.ts';
import { Registers, type Register } from '../meter/registers.ts';
import { instantOf, parseTimeDigits } from '../meter/time.ts';
import type { MeterContent, MeterValue } from '../meter/value.ts';
import { channelsIn, type Channels } from './channels.ts';

type Named = Pick<MeterValue, 'name' | 'quantity'>;

const CLOCK = '0-0:1.0.0';
const PROFILE_OF_HOUR = '24.3.0'; // DSMR 2.2 and 3: the last value of a sub-meter, with what it is
const FAILURES = '1-0:99.97.0';
const PEAKS = '0-0:98.1.0';

// Where the national companions of DSMR mean something of their own by a code.
const NAMES: Readonly<Record<string, Named>> = {
  '0-0:96.1.1': { name: 'serial-number', quantity: 'serial-number' },
  '0-0:96.1.4': { name: 'interface-version' },
  '1-3:0.2.8': { name: 'interface-version' },
  '1-0:31.4.0': { name: 'current-limit-l1' },
  '0-0:98.1.0': { name: 'monthly-peaks' },
};

// Texts that are written in hexadecimal: numbers of meters, and messages.
const HEXADECIMAL = /^(?:0-\d:96\.1\.[0-3]|0-0:96\.13\.[0-4])$/;

/** What a telegram says, as values of one meter. */
export type P1Values = {
  readonly values: readonly MeterValue[];
  /** What the clock of the meter showed, milliseconds since 1970; undefined where it has none, or it was never set. */
  readonly time: number | undefined;
};

/** Turns the data of telegrams into values; `zone` is where the meter's clock is right. */
export class P1Reader {
  readonly #zone: string;
  readonly #registers = new Registers();

  constructor(zone: string) {
    this.#zone = zone;
  }

  values(sets: readonly DataSet[]): P1Values {
    const channels = channelsIn(sets);
    const time = this.#instant(sets.find(({ address }) => address === CLOCK)?.values[0] ?? '');
    return { values: sets.flatMap((set) => this.#valuesOf(set, channels, time ?? null)), time };
  }

  #instant(digits: string): number | undefined {
    const time = parseTimeDigits(digits);
    return time === undefined ? undefined : instantOf(time, this.#zone);
  }

  #valuesOf(set: DataSet, channels: Channels, now: number | null): readonly MeterValue[] {
    const { address } = set;
    const register = this.#registers.register(address);
    const value = (content: MeterContent, time = now, index = 0): MeterValue => ({
      register: register.register,
      obis: register.obis,
      index,
      ...(NAMES[address] ?? channels.nameOf(address)),
      content,
      time,
    });
    if (address === CLOCK) return [value(this.#clock(set))];
    if (address === FAILURES) return [value({ kind: 'text', text: this.#failures(set) })];
    if (address === PEAKS) return [value({ kind: 'text', text: this.#peaks(set) })];
    if (address.endsWith(`:${PROFILE_OF_HOUR}`)) return [this.#hourly(set, register, value)];
    return this.#plain(set, register, value);
  }

  /** One value, or one with the time at which it was captured, or several. */
  #plain({ address, values }: DataSet, register: Register, value: MakeValue): readonly MeterValue[] {
    const [first = '', second] = values;
    if (second !== undefined && values.length === 2 && parseTimeDigits(first) !== undefined) {
      const time = this.#instant(first);
      // A time that is none: nothing was captured yet.
      return [value(time === undefined ? NOTHING : this.#registers.content(second, register), time ?? null)];
    }
    if (HEXADECIMAL.test(address)) return [value({ kind: 'text', text: textOf(first) })];
    return values.map((text, index) => value(this.#registers.content(text, register), undefined, index));
  }

  #clock({ values }: DataSet): MeterContent {
    const time = this.#instant(values[0] ?? '');
    return time === undefined ? NOTHING : { kind: 'text', text: isoTime(time) };
  }

  /** `time, status, period, how many, code, unit, value`: the unit stands apart from its number. */
  #hourly({ values }: DataSet, register: Register, value: MakeValue): MeterValue {
    const [digits = '', , , , , unit = '', number = ''] = values;
    const time = this.#instant(digits);
    const isWhole = time !== undefined && parseQuantified(`${number}*${unit}`) !== undefined;
    return value(isWhole ? this.#registers.content(`${number}*${unit}`, register) : NOTHING, time ?? null);
  }

  /** How many there are, what is logged, then the end and the length of each. */
  #failures({ values }: DataSet): string {
    const [, , ...events] = values;
    return this.#grouped(events, 2);
  }

  /** How many there are, what is logged twice, then for each month its end, and when its peak was and how high. */
  #peaks({ values }: DataSet): string {
    const [, , , ...events] = values;
    return this.#grouped(events, 3);
  }

  #grouped(values: readonly string[], size: number): string {
    const said = values.map((value) => {
      const time = this.#instant(value);
      return time === undefined ? value.replace('*', ' ') : isoTime(time);
    });
    const groups = Array.from({ length: Math.floor(said.length / size) }, (_, index) =>
      said.slice(index * size, (index + 1) * size).join(' '),
    );
    return groups.join('; ');
  }
}

type MakeValue = (content: MeterContent, time?: number | null, index?: number) => MeterValue;

const NOTHING: MeterContent = { kind: 'none', reason: 'not-available' };

/** The text that hexadecimal digits stand for, where it is one. */
function textOf(digits: string): string {
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(digits)) return digits;
  const text = Buffer.from(digits, 'hex').toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) ? text : digits;
}
