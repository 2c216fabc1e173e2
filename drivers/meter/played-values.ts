import { meaningOf } from '../../src/model/obis-meaning.ts';
import { parseObis, type Obis } from '../../src/model/obis.ts';
import { simulatedValue, type SimulatedValue } from './simulated-values.ts';

/** A value that a played meter has: raw, to be multiplied by `10^exponent` in `unit` (UCUM). */
export type PlayedValue = {
  readonly obis: Obis;
  readonly unit: string;
  readonly exponent: number;
  readonly raw: (seconds: number) => bigint;
};

/** A value of the played meter `id` that moves as its quantity does. Throws TypeError for what is no OBIS code. */
export function playedValue(id: string, code: string, unit: string, exponent: number): PlayedValue {
  const obis = parseObis(code);
  if (obis === undefined) throw new TypeError(`${code} is no OBIS code`);
  const { quantity, kind = 'gauge' } = meaningOf(obis) ?? {};
  const value: SimulatedValue = simulatedValue(`${id}/${code}`, { quantity, unit, kind, scale: 1, offset: 0 });
  return { obis, unit, exponent, raw: (seconds) => BigInt(Math.round(value(seconds) / 10 ** exponent)) };
}
