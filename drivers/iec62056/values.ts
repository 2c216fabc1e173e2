import { parseQuantified, type DataSet } from '../meter/data-lines.ts';
import { clockDeviation } from '../meter/clock-deviation.ts';
import { Registers } from '../meter/registers.ts';
import { instantOf, parseTimeDigits } from '../meter/time.ts';
import type { MeterValue } from '../meter/value.ts';
import { heatName, isHeatReadout } from './heat.ts';

const CLOCK = '1-0:0.9.1';
const DATE = '1-0:0.9.2';

/** Turns the data sets of a readout into values; `zone` is where the meter's clock is right. */
export class ReadoutReader {
  readonly #zone: string;
  readonly #registers = new Registers();

  constructor(zone: string) {
    this.#zone = zone;
  }

  /** `wall`: what our clock showed when the readout began; undefined where the deviation is not wanted. */
  values(sets: readonly DataSet[], wall?: number): readonly MeterValue[] {
    const isHeat = isHeatReadout(sets.map(({ address }) => address));
    const values = sets.flatMap((set) => (isHeat ? this.#heatValues(set) : this.#valuesOf(set)));
    const time = wall === undefined ? undefined : this.#clock(sets);
    return time === undefined || wall === undefined ? values : [...values, clockDeviation(time, wall)];
  }

  #valuesOf({ address, values }: DataSet): readonly MeterValue[] {
    const register = this.#registers.register(address);
    const time = this.#captured(values);
    return values.map((text, index) => ({
      register: register.register,
      obis: register.obis,
      index,
      content: this.#registers.content(text, register),
      time: index === 0 ? time : null,
    }));
  }

  /** Heat meters join several values by `&`. */
  #heatValues({ address, values }: DataSet): readonly MeterValue[] {
    const register = { register: address, obis: undefined, isNumber: false };
    return values
      .flatMap((text) => text.split('&'))
      .map((text, index) => ({
        register: address,
        obis: undefined,
        index,
        ...(index === 0 && heatName(address)),
        content: this.#registers.content(text, register),
        time: null,
      }));
  }

  /** `(02.468*kW)(1703100930)`: a maximum, and when it was. */
  #captured(values: readonly string[]): number | null {
    const [first = '', second, ...others] = values;
    if (second === undefined || others.length > 0 || parseQuantified(first) === undefined) return null;
    const time = parseTimeDigits(second);
    return time === undefined ? null : (instantOf(time, this.#zone) ?? null);
  }

  /** What the clock of the meter shows, where it tells time and date. */
  #clock(sets: readonly DataSet[]): number | undefined {
    const valueOf = (code: string): string =>
      sets.find(({ address }) => this.#registers.register(address).register === code)?.values[0] ?? '';
    // A digit for the season may stand in front of both (EDIS, time stamps).
    const time = /^\d?(\d\d):?(\d\d):?(\d\d)$/.exec(valueOf(CLOCK))?.slice(1).join('');
    const date = /^\d?(\d\d)-?(\d\d)-?(\d\d)$/.exec(valueOf(DATE))?.slice(1).join('');
    const digits = time === undefined || date === undefined ? undefined : parseTimeDigits(`${date}${time}`);
    return digits === undefined ? undefined : instantOf(digits, this.#zone);
  }
}
