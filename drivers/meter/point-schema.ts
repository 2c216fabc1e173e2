import { z } from 'zod';
import type { ValueType } from '../../src/model/point.ts';
import { pointKinds } from '../../src/model/point.ts';
import { formatObis, parseObis, type Obis } from '../../src/model/obis.ts';
import { meaningOf } from '../../src/model/obis-meaning.ts';

/** Which value of a meter a point is. */
export type MeterAddress = {
  readonly obis?: string | undefined;
  /** Where the register has no OBIS code: as the meter writes it. */
  readonly register?: string | undefined;
  /** Which of several values of one register; 0 for the first. */
  readonly value?: number | undefined;
  /** UCUM unit that the value is wanted in; undefined: as it comes. */
  readonly unit?: string | undefined;
  readonly kind?: (typeof pointKinds)[number] | undefined;
  /** Known of a point that the meter brought along. */
  readonly type?: ValueType | undefined;
};

const obisSchema = z
  .string()
  .optional()
  .meta({
    description: 'OBIS code of the value, as the meter sends it or in full.',
    examples: ['1-0:1.8.0'],
  });

const unitSchema = z
  .string()
  .optional()
  .meta({
    description:
      'UCUM unit that the value is wanted in, before `scale`: what the meter sends in another one is converted, exactly, or is bad. Absent: as the meter sends it.',
    examples: ['kW.h'],
  });

const kindSchema = z.enum(pointKinds).optional().meta({
  description: 'As for every point; text where the value is to be kept as it is written.',
});

/** The keys by which a point of a meter is found; `registers` tells which there are without an OBIS code. */
export function meterPointSchema(registers: string, example: string) {
  const register = z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: registers, examples: [example] });
  return z
    .strictObject({ obis: obisSchema, register, unit: unitSchema, kind: kindSchema })
    .superRefine((point, context) => {
      if ((point.obis === undefined) !== (point.register === undefined)) return;
      const message =
        point.obis === undefined
          ? 'missing: the OBIS code of the value, e.g. 1-0:1.8.0'
          : 'has a register besides: write one of the two';
      context.addIssue({ code: 'custom', path: ['obis'], message });
    });
}

/** The canonical text by which the value of an address is found; `register` where it has no OBIS code. */
export function registerOf({ obis, register }: Pick<MeterAddress, 'obis' | 'register'>): string {
  const code = obis === undefined ? undefined : parseObis(obis);
  return code === undefined ? (register ?? '') : formatObis(code);
}

/** The type that values of an address have. */
export function typeOf({ type, kind, obis }: MeterAddress): ValueType {
  if (type !== undefined) return type;
  const code = obis === undefined ? undefined : parseObis(obis);
  return (kind ?? kindOf(code)) === 'text' || (code !== undefined && isCoded(code)) ? 'string' : 'float64';
}

function kindOf(code: Obis | undefined): MeterAddress['kind'] {
  return code === undefined ? undefined : meaningOf(code)?.kind;
}

/** Bits that every maker writes as it likes, mostly in hexadecimal: no number. */
export function isCoded(code: Obis): boolean {
  return /^(meter-status|error-code)/.test(meaningOf(code)?.name ?? '');
}
