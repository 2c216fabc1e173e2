/** A register, or a bit, as it came. */
export type Cell = { readonly place: string; readonly value: number | boolean | undefined; readonly reason?: string };

/** A register in the ways in which manuals speak of it. */
export type DumpRow = {
  readonly place: string;
  readonly hex: string;
  readonly unsigned: string;
  readonly signed: string;
  readonly bits: string;
  readonly text: string;
};

const WORD_BITS = 16;

export function dumpRow({ place, value, reason }: Cell): DumpRow {
  const empty = { hex: '', unsigned: '', signed: '', bits: '', text: '' };
  if (value === undefined) return { place, ...empty, unsigned: reason ?? 'no value' };
  if (typeof value === 'boolean') return { place, ...empty, unsigned: value ? '1' : '0' };
  return {
    place,
    hex: `0x${value.toString(WORD_BITS).padStart(4, '0')}`,
    unsigned: String(value),
    signed: String((value << WORD_BITS) >> WORD_BITS),
    bits: value
      .toString(2)
      .padStart(WORD_BITS, '0')
      .replace(/(?<=.)(?=(.{4})+$)/g, ' '),
    text: [value >> 8, value & 0xff].map(letter).join(''),
  };
}

// What is no printable ASCII shows as a dot, as in every dump.
function letter(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** `holding 100` and the places behind it, `count` in all; undefined where `place` does not end in a number. */
export function placesFrom(place: string, count: number): readonly string[] | undefined {
  const [, before, digits] = /^(.*?)(0x[0-9a-f]+|\d+)$/i.exec(place.trim()) ?? [];
  if (before === undefined || digits === undefined) return undefined;
  const isHex = digits.toLowerCase().startsWith('0x');
  return Array.from({ length: count }, (_, index) => {
    const number = Number(digits) + index;
    return before + (isHex ? `0x${number.toString(16)}` : String(number));
  });
}
