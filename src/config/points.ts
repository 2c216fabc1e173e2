import type { z } from 'zod';
import type { PointDefinition, PointKind, ValueType } from '../model/point.ts';
import type { PointDefaults, PointSettings, Processing } from './configuration.ts';
import type { ConfigurableDriver } from './drivers.ts';
import { pointSchema } from './point-schema.ts';
import type { Section } from './section.ts';
import { quantities } from '../model/vocabulary.ts';

type CommonPoint = z.output<typeof pointSchema>;

/** A point that is right by itself: its common keys, its address, and the type of its raw values. */
export type ParsedPoint = { readonly common: CommonPoint; readonly address: unknown; readonly rawType: ValueType };

const commonKeys: readonly string[] = Object.keys(pointSchema.shape);
/** Keys that need numbers to work on. */
const numericKeys = ['scale', 'offset', 'min', 'max', 'deadband', 'decimals'] as const;

/** Undefined after complaining of whatever is wrong with the point. */
export function parsePoint(section: Section, { driver, point }: ConfigurableDriver): ParsedPoint | undefined {
  if (!section.isMap()) return undefined;
  const isCommon = (key: string): boolean => commonKeys.includes(key) && driver.ownPointKeys?.includes(key) !== true;
  const common = section.filter(isCommon).parse(pointSchema);
  const address = parseAddress(section, point, common !== undefined);
  if (common === undefined || address === undefined) return undefined;
  const { type: rawType, writable } = driver.describe(address);
  const misplaced = isNumeric(rawType) ? [] : numericKeys.filter((key) => section.at(key).tree !== undefined);
  for (const key of misplaced) section.at(key).complain(`has no meaning for a ${rawType}`, 'remove it');
  const readOnly = common.write !== undefined && !writable;
  if (readOnly)
    section.at('write').complain('the address can only be read', 'remove write, or name one that can be written');
  return misplaced.length > 0 || readOnly ? undefined : { common, address, rawType };
}

/** The driver's part of a point. It may have to know what a common key says: a meter finds its values by OBIS code. */
function parseAddress(section: Section, point: ConfigurableDriver['point'], commonIsRight: boolean): unknown {
  const isDrivers = (key: string): boolean => !commonKeys.includes(key) || Object.hasOwn(point.shape, key);
  // What is wrong with a key that both know was told already.
  if (!commonIsRight && commonKeys.some(isDrivers)) return undefined;
  return section.filter(isDrivers).parse(point, commonKeys);
}

/** What the point of that name is on a device. */
export function definePoint(name: string, deviceId: string, device: PointDefaults, point: ParsedPoint): PointSettings {
  const { kind, scale, offset, invalid, min, max, deadband, decimals, labels: states, ...rest } = point.common;
  const { every = device.every, class: urgency = device.class, ...told } = rest;
  const processing = { scale, offset, invalid, min, max, deadband, decimals };
  const definition: PointDefinition = {
    id: `${deviceId}/${name}`,
    device: deviceId,
    name,
    type: processedType(point.rawType, processing),
    kind: kind ?? naturalKind(point.rawType, told.quantity, states !== undefined),
    class: urgency,
    ...told,
    ...(device.domain === undefined ? {} : { domain: device.domain }),
    labels: device.labels,
    ...(states === undefined ? {} : { states }),
  };
  return { definition, address: point.address, every, processing };
}

function isNumeric(type: ValueType): boolean {
  return type !== 'bool' && type !== 'string';
}

const kindsOfQuantities = new Map<string, PointKind>(
  Object.entries(quantities).map(([name, { kind }]) => [name, kind]),
);

function naturalKind(type: ValueType, quantity: string | undefined, named: boolean): PointKind {
  if (type === 'string') return 'text';
  if (type === 'bool' || named) return 'state';
  return (quantity === undefined ? undefined : kindsOfQuantities.get(quantity)) ?? 'gauge';
}

/** The type that values have after processing: scaled ones leave the range or the raster of the raw type. */
function processedType(raw: ValueType, { scale, offset, decimals }: Processing): ValueType {
  const isUnchanged = scale === 1 && offset === 0 && decimals === undefined;
  if (!isNumeric(raw) || isUnchanged) return raw;
  const staysInteger = [scale, offset].every(Number.isInteger) && decimals === undefined;
  if (raw.startsWith('float') || !staysInteger) return 'float64';
  return raw === 'uint64' ? raw : 'int64';
}
