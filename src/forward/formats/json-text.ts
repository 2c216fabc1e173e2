import { valueKinds, type Columns } from '../../journal/codec.ts';
import { decimalText } from './number-text.ts';

export const NO_VALUE = 'null';

/** Goes into a template as it is: an integer is left for the engine to write. */
export function valueText(columns: Columns, index: number): string | number {
  const kind = columns.kinds[index] ?? 0;
  const number = columns.numbers[index] ?? 0;
  if (kind === valueKinds.integer) return number;
  if (kind >= valueKinds.decimal) return decimalText(number, kind - valueKinds.decimal + 1);
  if (isFloat(kind)) return Number.isFinite(number) ? number : NO_VALUE;
  return otherText(columns, index, kind);
}

export function isFloat(kind: number): boolean {
  return kind === valueKinds.float32 || kind === valueKinds.float64;
}

function otherText({ others }: Columns, index: number, kind: number): string {
  if (kind === valueKinds.text) return asciiJson(String(others[index]));
  if (kind === valueKinds.bigint) return `"${others[index]}"`; // beyond 2^53 most JSON parsers would round it
  if (kind === valueKinds.none) return NO_VALUE;
  return kind === valueKinds.true ? 'true' : 'false';
}

/** JSON text in ASCII alone: what is beyond it becomes an escape. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
