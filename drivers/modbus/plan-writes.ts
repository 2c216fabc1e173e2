import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import type { RegisterType } from './address.ts';
import { encodeValue } from './encode.ts';
import type { Field } from './plan.ts';

/** A value and where it goes, ready to be written. */
export type Target = { readonly field: Field; readonly value: Value };

/** One request's worth of writing: coils or registers that follow each other, or some bits of one register. */
export type WriteStep = { readonly address: number } & (
  | { readonly kind: 'coils'; readonly coils: readonly boolean[] }
  | { readonly kind: 'registers'; readonly data: Buffer }
  /** `bits` of the register at `address` become `value`; both are 16 bits wide. */
  | { readonly kind: 'bits'; readonly bits: number; readonly value: number }
);

// MODBUS Application Protocol 1.1b3, 6.11 and 6.12: what the byte count of a request leaves room for.
const MOST_COILS = 1_968;
const MOST_REGISTERS = 123;

/** The fewest requests that write everything, in the sequence in which it was asked for; gaps are never written. */
export function planWrites(targets: readonly Target[]): readonly WriteStep[] {
  const steps: WriteStep[] = [];
  for (const step of targets.map(stepOf)) {
    const last = steps.at(-1);
    const joined = last === undefined ? undefined : join(last, step);
    if (joined === undefined) steps.push(step);
    else steps[steps.length - 1] = joined;
  }
  return steps;
}

/** Registers and coils that are written in the sequence of their addresses travel together. */
export function sortTargets(targets: readonly Target[]): readonly Target[] {
  return targets.toSorted(({ field: a }, { field: b }) =>
    a.table === b.table ? a.address - b.address : a.table.localeCompare(b.table),
  );
}

function stepOf({ field, value }: Target): WriteStep {
  const { table, address, type, order, point } = field;
  if (table === 'coil') return { kind: 'coils', address, coils: [truth(value, point.id)] };
  if (table !== 'holding') {
    throw new GatewayError('usage', `${point.id}: nothing can be written to table ${table}, only to coil and holding`);
  }
  if (type.name === 'bits') return bitsStep(address, type, { value, id: point.id });
  const data = encodeValue(value, type, order);
  if (data === undefined) throw unfit(value, printName(type), point.id);
  return { kind: 'registers', address, data };
}

function bitsStep(
  address: number,
  { first, last }: Extract<RegisterType, { name: 'bits' }>,
  { value, id }: { readonly value: Value; readonly id: string },
): WriteStep {
  const greatest = 2 ** (last - first + 1) - 1;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > greatest) {
    throw unfit(value, `bits(${first}..${last}), which hold 0 to ${greatest}`, id);
  }
  return { kind: 'bits', address, bits: greatest << first, value: value << first };
}

function truth(value: Value, id: string): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  throw unfit(value, 'a coil, which is true or false', id);
}

function unfit(value: Value, what: string, id: string): GatewayError {
  return new GatewayError('usage', `${id}: ${String(value)} does not fit ${what}`);
}

function printName(type: RegisterType): string {
  return type.name === 'string' ? `string(${type.characters})` : type.name;
}

/** Both in one request; undefined where they are apart, or too much for one. */
function join(one: WriteStep, other: WriteStep): WriteStep | undefined {
  if (one.kind === 'coils' && other.kind === 'coils') return joinCoils(one, other);
  if (one.kind === 'registers' && other.kind === 'registers') return joinRegisters(one, other);
  if (one.kind === 'bits' && other.kind === 'bits') return joinBits(one, other);
  return undefined;
}

type Step<Kind extends WriteStep['kind']> = Extract<WriteStep, { kind: Kind }>;

function joinCoils(one: Step<'coils'>, other: Step<'coils'>): WriteStep | undefined {
  const coils = [...one.coils, ...other.coils];
  const follows = other.address === one.address + one.coils.length;
  return follows && coils.length <= MOST_COILS ? { ...one, coils } : undefined;
}

function joinRegisters(one: Step<'registers'>, other: Step<'registers'>): WriteStep | undefined {
  const data = Buffer.concat([one.data, other.data]);
  const follows = other.address === one.address + one.data.length / 2;
  return follows && data.length <= MOST_REGISTERS * 2 ? { ...one, data } : undefined;
}

function joinBits(one: Step<'bits'>, other: Step<'bits'>): WriteStep | undefined {
  if (one.address !== other.address) return undefined;
  return { ...one, bits: one.bits | other.bits, value: (one.value & ~other.bits) | other.value };
}
