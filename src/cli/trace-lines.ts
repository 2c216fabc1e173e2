import type { ShownFrame } from '../collect/commissioning.ts';
import { paint, plural, printable, type Style } from './format.ts';

/** Words in what drivers say of a frame, and how it then looks; the first that fits. */
const kinds: readonly (readonly [RegExp, Style])[] = [
  [/\b(noise|no frame|malformed|checksum|crc|lrc|garbled|invalid)\b/i, 'red'],
  [/\b(late|again|foreign|unexpected)\b/i, 'magenta'],
  [/\b(exception|refus|error|nak|timeout)/i, 'yellow'],
];

function styleOf({ direction, meaning }: ShownFrame): Style {
  const kind = kinds.find(([words]) => words.test(meaning));
  return kind?.[1] ?? (direction === 'sent' ? 'cyan' : 'green');
}

const FIRST_BYTES = 12;
const BYTES_A_LINE = 16;
const INDENT = ' '.repeat(15); // below the meaning

/**
 * A frame as people read it: time, direction (→ to the device), meaning, and its first bytes; with `hex` all of them, on
 * lines of their own.
 */
export function frameLines(frame: ShownFrame, hex: boolean): string {
  const { time, direction, bytes, meaning, dropped = 0 } = frame;
  const pairs = bytes.match(/../g) ?? [];
  const missed = dropped === 0 ? [] : [paint('dim', `… ${plural(dropped, 'frame')} not shown: too many to follow`)];
  const head = `${paint('dim', time.slice(11, 23))} ${direction === 'sent' ? '→' : '←'} ${paint(styleOf(frame), printable(meaning))}`;
  if (!hex) {
    const more = pairs.length > FIRST_BYTES ? ' …' : '';
    return [...missed, `${head}  ${paint('dim', pairs.slice(0, FIRST_BYTES).join(' ') + more)}`].join('\n');
  }
  return [...missed, head, ...dumpLines(pairs).map((line) => INDENT + paint('dim', line))].join('\n');
}

/** `01 03 04 43 66 …  ..Cf`, sixteen bytes a line. */
function dumpLines(pairs: readonly string[]): readonly string[] {
  return Array.from({ length: Math.ceil(pairs.length / BYTES_A_LINE) }, (_, line) => {
    const part = pairs.slice(line * BYTES_A_LINE, (line + 1) * BYTES_A_LINE);
    const letters = part.map((pair) => letter(Number.parseInt(pair, 16))).join('');
    return `${part.join(' ').padEnd(BYTES_A_LINE * 3)} ${letters}`;
  });
}

// What is no printable ASCII shows as a dot, as in every dump.
function letter(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
