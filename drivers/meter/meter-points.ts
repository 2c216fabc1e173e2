import type { DiscoveredPoint, DriverDevice, DriverPoint, Pushed } from '../../src/collect/driver.ts';
import { multiplyDecimals, numberOf, parseDecimal } from '../../src/model/decimal.ts';
import { badReading, type PointNumber, type Reading, type Value } from '../../src/model/reading.ts';
import { conversion } from '../../src/model/ucum.ts';
import { pointOf } from './naming.ts';
import { registerOf, typeOf, type MeterAddress } from './point-schema.ts';
import type { MeterContent, MeterValue } from './value.ts';

type Told = { readonly point: PointNumber | string; readonly address: MeterAddress };

/** Turns what a meter says into readings of its points: of those that are configured, or of all that it brings along. */
export class MeterPoints {
  readonly #device: string;
  /** Undefined where the meter says what it has. */
  readonly #configured: ReadonlyMap<string, Told> | undefined;
  readonly #described = new Map<string, Told>();
  readonly #names = new Set<string>();

  constructor({ id, points }: DriverDevice<unknown, MeterAddress>) {
    this.#device = id;
    this.#configured = points.length === 0 ? undefined : new Map(points.map(entryOf));
  }

  /** What one telegram comes to, `receivedTime` being monotonic. Of two values of one register the first counts. */
  take(values: readonly MeterValue[], receivedTime: number): Pushed {
    const readings = new Map<PointNumber | string, Reading<PointNumber | string>>();
    const discovered: DiscoveredPoint[] = [];
    for (const value of values) {
      const told = this.#told(value, discovered);
      if (told === undefined || readings.has(told.point)) continue;
      readings.set(told.point, readingOf(told.point, told.address, value, receivedTime));
    }
    return {
      device: this.#device,
      ...(discovered.length > 0 && { discovered }),
      readings: [...readings.values()],
    };
  }

  #told(value: MeterValue, discovered: DiscoveredPoint[]): Told | undefined {
    const key = keyOf(value.register, value.index);
    if (this.#configured !== undefined) return this.#configured.get(key);
    const known = this.#described.get(key);
    // What a register is shows with its first value.
    if (known !== undefined || value.content.kind === 'none') return known;
    const point = pointOf(value);
    const name = this.#freeName(point.name);
    const told = { point: name, address: point.address };
    this.#described.set(key, told);
    discovered.push({ ...point, name });
    return told;
  }

  #freeName(name: string): string {
    let free = name;
    for (let count = 2; this.#names.has(free); count += 1) free = `${name}-${count}`;
    this.#names.add(free);
    return free;
  }
}

function entryOf({ number, address }: DriverPoint<MeterAddress>): readonly [string, Told] {
  return [keyOf(registerOf(address), address.value ?? 0), { point: number, address }];
}

function keyOf(register: string, index: number): string {
  return index === 0 ? register : `${register} ${index}`;
}

/** The points that values come to, for who asks a meter what it has. */
export function describeValues(values: readonly MeterValue[], id: string): readonly DiscoveredPoint[] {
  return new MeterPoints({ id, settings: undefined, points: [] }).take(values, 0).discovered ?? [];
}

/** Exactly one reading for each point: what the meter did not send is refused. */
export function readingsOf(
  points: readonly DriverPoint<MeterAddress>[],
  values: readonly MeterValue[],
  receivedTime: number,
): readonly Reading[] {
  const byKey = new Map(values.toReversed().map((value) => [keyOf(value.register, value.index), value]));
  return points.map(({ number, address }) => {
    const value = byKey.get(keyOf(registerOf(address), address.value ?? 0));
    return value === undefined
      ? badReading(number, 'refused', receivedTime)
      : readingOf(number, address, value, receivedTime);
  });
}

function readingOf<Point>(
  point: Point,
  address: MeterAddress,
  { content, time }: MeterValue,
  receivedTime: number,
): Reading<Point> {
  if (content.kind === 'none') return { ...badReading(point, content.reason, receivedTime), sourceTime: time };
  const value = valueOf(content, address);
  if (value === undefined) return { ...badReading(point, 'type-mismatch', receivedTime), sourceTime: time };
  return { point, sourceTime: time, receivedTime, quality: 'good', value };
}

/** The value as its point is to have it; undefined where it cannot be that. */
function valueOf(content: Exclude<MeterContent, { kind: 'none' }>, address: MeterAddress): Value | undefined {
  const isText = typeOf(address) === 'string';
  if (content.kind === 'number') {
    const number = numberIn(content, address);
    return isText ? String(numberOf(content.decimal)) : number;
  }
  if (content.kind === 'boolean') return isText ? String(content.on) : content.on;
  return isText ? content.text : numberWritten(content.text);
}

/** A number in the unit that is wanted; undefined where what the meter sends cannot be turned into it. */
function numberIn(
  { decimal, unit: sent }: Extract<MeterContent, { kind: 'number' }>,
  { unit: wanted }: MeterAddress,
): number | bigint | undefined {
  // What comes without a unit is taken for what it is said to be: many meters write none.
  if (sent === undefined || wanted === undefined) return numberOf(decimal);
  const factor = conversion(sent, wanted);
  return factor === undefined ? undefined : numberOf(multiplyDecimals(decimal, factor));
}

/** A number that the protocol carries as text; as with all that comes without a unit, the configuration has the word. */
function numberWritten(text: string): number | bigint | undefined {
  const decimal = parseDecimal(text);
  return decimal === undefined ? undefined : numberOf(decimal);
}
