import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AdHocReading, Keys } from '../../collect/commissioning.ts';
import type { Driver } from '../../collect/driver.ts';
import { configurable } from '../../config/drivers.ts';
import { parseKeys } from '../../config/keys.ts';
import { scaling } from '../../model/decimal.ts';
import { GatewayError } from '../../model/errors.ts';

/** How what stands at a place is to be read. */
export type PlaceOptions = { readonly type?: string; readonly order?: string; readonly scale?: number };

export function takesPlace(command: Command): Command {
  return command
    .option('--type <name>', 'what stands there, e.g. uint16, int32, float32 or string(16)')
    .option('--order <letters>', 'its bytes as sent, A being the most significant: ABCD, CDAB, BADC or DCBA')
    .addOption(new Option('--scale <factor>', 'the raw value is multiplied by this, e.g. 0.1').argParser(factor));
}

function factor(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value !== 0) return value;
  throw new InvalidArgumentError('It must be a number other than 0, e.g. 0.1.');
}

/**
 * The driver's keys of a point at `place`, e.g. `holding 100`: the first key of its points says where they are. What
 * `more` says besides comes last. Throws `usage` where the driver knows no such point.
 */
export function placeKeys(driver: Driver, place: string, options: PlaceOptions, more: Keys = {}): Keys {
  const keys = { ...bareKeys(driver, place, options), ...more };
  parseKeys(configurable(driver).point, keys);
  return keys;
}

/** The same, as bare registers where the protocol cannot tell what stands there, and nobody says it. */
export function readableKeys(driver: Driver, place: string, options: PlaceOptions): Keys {
  return placeKeys(driver, place, options, options.type === undefined ? rawKeys(driver, [place]) : {});
}

/** A register as it is. */
const RAW: Keys = { type: 'uint16' };

/** What the driver has to be told besides the places, so that they are read as they are. */
export function rawKeys(driver: Driver, places: readonly string[]): Keys {
  if (places.every((place) => isWholePlace(driver, place))) return {};
  // Others than Modbus have types of their own, which go without saying.
  const { error } = driver.schemas.point.safeParse({ ...bareKeys(driver, places[0] ?? '', {}), ...RAW });
  return error?.issues.some(({ path }) => path[0] === 'type') === true ? {} : RAW;
}

/** Whether the driver needs to know no more than the place, as Modbus does with a bit. */
export function isWholePlace(driver: Driver, place: string): boolean {
  return driver.schemas.point.safeParse(bareKeys(driver, place, {})).success;
}

function bareKeys({ name, schemas }: Driver, place: string, { type, order }: PlaceOptions): Keys {
  const known = Object.keys(schemas.point.shape);
  const [where] = known;
  if (where === undefined) throw new GatewayError('usage', `over ${name} there are no places that could be named`);
  const given = Object.entries({ type, order }).filter(([, value]) => value !== undefined);
  const [stray] = given.find(([key]) => !known.includes(key)) ?? [];
  if (stray !== undefined) throw new GatewayError('usage', `--${stray}: over ${name} a point has no ${stray}`);
  return { [where]: place, ...Object.fromEntries(given) };
}

/** A reading of a place, scaled; what is no number stays as it is. */
export function scaled(reading: AdHocReading, { scale, type }: PlaceOptions): AdHocReading {
  const raw = type?.startsWith('string') === true ? undefined : numberOf(reading.value);
  return scale === undefined || raw === undefined
    ? reading
    : { ...reading, value: shownNumber(scaling(scale, 0)(raw)) };
}

/** A number, or the text of an integer beyond 2^53. */
function numberOf(value: AdHocReading['value']): number | bigint | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{16,}$/.test(value) ? BigInt(value) : undefined;
}

function shownNumber(value: number | bigint): number | string {
  return typeof value === 'bigint' ? value.toString() : value;
}
