import { tables, type Content } from './quantity-tables.ts';

/** What is a reading of a meter without being a record of it. */
export const STATUS = 'status';
export const MANUFACTURER_DATA = 'manufacturer-data';
export const CLOCK_DEVIATION = 'clock-deviation';

const OWN: readonly (readonly [name: string, content: Content])[] = [
  [STATUS, 'bits'],
  [MANUFACTURER_DATA, 'bytes'],
  [CLOCK_DEVIATION, 'number'],
  // Of the fixed data structure, and of what only the manufacturer knows.
  ['temperature', 'number'],
  ['counter', 'number'],
  ['clock', 'text'],
  ['calendar', 'text'],
  ['manufacturer', 'number'],
  ['plain-text', 'number'],
  ['any', 'number'],
];

const CONTENTS: ReadonlyMap<string, Content> = new Map([
  ...Object.values(tables).flatMap((table) => [...table.values()].map(({ name, content }) => [name, content] as const)),
  ...OWN,
]);

const UNKNOWN = /^vif-(?:(?:fd|fb)-)?[0-9a-f]{2}$/;

/** Words behind the quantity that make another content of it: when it was, or what of it was stored at once. */
const TIME_WORDS = /^start$|^(?:(?:lower|upper)-limit-)?(?:first|last)-(?:begin|end)$/;
const BYTES_WORDS = /^(?:inverse-|register-)?profile$|^obis$/;

/** What a record of this name holds; undefined where there can be none of that name. */
export function contentOf(name: string): Content | undefined {
  const [base = '', ...qualifiers] = name.split(' ');
  const content = CONTENTS.get(base) ?? (UNKNOWN.test(base) ? 'number' : undefined);
  if (content === undefined) return undefined;
  if (qualifiers.some((word) => TIME_WORDS.test(word))) return 'time';
  return qualifiers.some((word) => BYTES_WORDS.test(word)) ? 'bytes' : content;
}

const LEAST_ALIKE = 3;

/** The sentence that says what is wrong with a name; undefined where nothing is. */
export function explainName(name: string): string | undefined {
  if (contentOf(name) !== undefined) return undefined;
  const [base = ''] = name.split(' ');
  const alike = [...CONTENTS.keys()].filter(
    (known) => base.length >= LEAST_ALIKE && (known.includes(base) || base.includes(known)),
  );
  const proposals = alike.length > 0 ? alike : COMMON;
  const which = base === '' ? 'names no quantity' : `begins with ${base}, which is no quantity`;
  return `${which}: write ${proposals.slice(0, 8).join(', ')} or what \`weir device read\` shows`;
}

const COMMON = ['energy', 'volume', 'power', 'volume-flow', 'flow-temperature', 'return-temperature', 'date-time'];
