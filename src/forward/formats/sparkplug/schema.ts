import type { ValueType } from '../../../model/point.ts';

// sparkplug_b.proto, Sparkplug 3.0 chapter 6.4: tags are field number and wire type in one byte.

export const payloadTags = { timestamp: 0x08, metric: 0x12, seq: 0x18 } as const;

export const metricTags = {
  name: 0x0a,
  alias: 0x10,
  timestamp: 0x18,
  datatype: 0x20,
  isHistorical: 0x28,
  isNull: 0x38,
  properties: 0x4a,
  int: 0x50,
  long: 0x58,
  float: 0x65,
  double: 0x69,
  boolean: 0x70,
  string: 0x7a,
} as const;

export const propertySetTags = { key: 0x0a, value: 0x12 } as const;
export const propertyTags = { type: 0x08, int: 0x18, long: 0x20, string: 0x42 } as const;

/** Sparkplug 3.0 6.4.16, of what we send. */
export const datatypes = { int32: 3, int64: 4, boolean: 11, string: 12, dateTime: 13 } as const;

export const datatypeOf = {
  int16: 2,
  int32: datatypes.int32,
  int64: datatypes.int64,
  uint16: 6,
  // Hosts disagree about the field of UInt32 (int_value or long_value): as Int64 all of them read it right.
  uint32: datatypes.int64,
  uint64: 8,
  float32: 9,
  float64: 10,
  bool: datatypes.boolean,
  string: datatypes.string,
} as const satisfies Record<ValueType, number>;

/** Sparkplug 3.0 6.4.15: the only codes that the property `Quality` may have. */
export const qualityCodes = { bad: 0, good: 192, stale: 500 } as const;

/** From these on, integers leave their type. */
export const integerBounds: { readonly [Type in ValueType]?: readonly [least: number, most: number] } = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};
