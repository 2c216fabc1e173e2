import type { Absent } from '../absent.ts';
import type { NetworkForm, RegisterType, ScalarName } from '../address.ts';

type TypeFacts = {
  /** Registers; a string has its own number. */
  readonly words: number;
  /** The same in the words of the driver. */
  readonly register: (words: number) => RegisterType;
  /** The mark of what the device does not have; absent where every value is one. */
  readonly absent?: Absent;
};

const LOWEST_64 = -(2n ** 63n);
const HIGHEST_64 = 2n ** 64n - 1n;

/** The types of SunSpec models, with their marks for "not implemented". */
const TYPES = {
  int16: scalar('int16', 1, { value: -0x8000 }),
  uint16: scalar('uint16', 1, { value: 0xffff }),
  acc16: scalar('uint16', 1),
  enum16: scalar('uint16', 1, { value: 0xffff }),
  // With the top bit set the others mean nothing.
  bitfield16: scalar('uint16', 1, { from: 0x8000 }),
  count: scalar('uint16', 1, { value: 0xffff }),
  sunssf: scalar('int16', 1, { value: -0x8000 }),
  pad: scalar('uint16', 1),
  int32: scalar('int32', 2, { value: -0x8000_0000 }),
  uint32: scalar('uint32', 2, { value: 0xffff_ffff }),
  acc32: scalar('uint32', 2),
  enum32: scalar('uint32', 2, { value: 0xffff_ffff }),
  bitfield32: scalar('uint32', 2, { from: 0x8000_0000 }),
  float32: scalar('float32', 2, 'not-a-number'),
  int64: scalar('int64', 4, { value: LOWEST_64 }),
  uint64: scalar('uint64', 4, { value: HIGHEST_64 }),
  acc64: scalar('uint64', 4),
  float64: scalar('float64', 4, 'not-a-number'),
  ipaddr: network('ipv4', 2, '0.0.0.0'),
  ipv6addr: network('ipv6', 8, '0:0:0:0:0:0:0:0'),
  eui48: network('eui48', 4, 'ff:ff:ff:ff:ff:ff'),
  string: {
    words: 0,
    register: (words: number): RegisterType => ({ name: 'string', words, characters: words * 2 }),
    absent: { value: '' },
  },
} as const satisfies Record<string, TypeFacts>;

export type SunSpecType = keyof typeof TYPES;

export function factsOf(type: SunSpecType): TypeFacts {
  return TYPES[type];
}

export function isType(name: string): name is SunSpecType {
  return Object.hasOwn(TYPES, name);
}

/** Counts up, and is 0 as long as there is nothing to count. */
export function isAccumulator(type: SunSpecType): boolean {
  return type === 'acc16' || type === 'acc32' || type === 'acc64';
}

/** Has names for its values, or for the bits of them. */
export function isState(type: SunSpecType): boolean {
  return type.startsWith('enum') || isBitfield(type);
}

export function isBitfield(type: SunSpecType): boolean {
  return type.startsWith('bitfield');
}

function scalar(name: ScalarName, words: number, absent?: Absent): TypeFacts {
  return { words, register: () => ({ name, words }), ...(absent !== undefined && { absent }) };
}

function network(form: NetworkForm, words: number, empty: string): TypeFacts {
  return { words, register: () => ({ name: 'network', form, words }), absent: { value: empty } };
}
