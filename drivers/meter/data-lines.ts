/** One data set of IEC 62056-21, 5.8: an address and the values behind it, each without its parentheses. */
export type DataSet = { readonly address: string; readonly values: readonly string[] };

export type DataLines = {
  readonly sets: readonly DataSet[];
  /** What stood between them and is none. */
  readonly malformed: readonly string[];
};

const ADDRESS = /^[0-9A-Z][0-9A-Za-z.:*&-]{0,31}$/;
const VALUE = /^[\x20-\x27\x2a-\x7e]*$/;
const MOST_SHOWN = 80;

/** Reads data sets, of which there may be several on a line, and values on lines of their own, which go on with the last. */
export function parseDataLines(text: string): DataLines {
  const sets: { address: string; values: string[] }[] = [];
  const malformed: string[] = [];
  for (const line of text.split('\n')) {
    const written = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (written !== '' && !parseLine(written, sets)) malformed.push(written.slice(0, MOST_SHOWN));
  }
  return { sets, malformed };
}

/** Adds what is on a line; false, with nothing added, where something on it is no data set. */
function parseLine(line: string, sets: { address: string; values: string[] }[]): boolean {
  const found: { address: string; values: string[] }[] = [];
  let at = 0;
  while (at < line.length) {
    const open = line.indexOf('(', at);
    const close = line.indexOf(')', open);
    if (open === -1 || close === -1) return false;
    const value = line.slice(open + 1, close);
    // A bracket that was lost joins two values to what neither of them is; a character may be garbled.
    if (!VALUE.test(value)) return false;
    if (open > at) {
      const address = line.slice(at, open);
      if (!ADDRESS.test(address)) return false;
      found.push({ address, values: [value] });
    } else {
      const last = found.at(-1) ?? sets.at(-1);
      if (last === undefined) return false;
      last.values.push(value);
    }
    at = close + 1;
  }
  sets.push(...found);
  return true;
}

/** A value and the unit behind it. */
export type Quantified = { readonly number: string; readonly unit: string };

const QUANTIFIED = /^([+-]?\d{1,30}(?:\.\d{1,30})?)\*([^*&]{1,16})$/;

/** Takes `00001.001*kWh` apart; undefined for whatever is written otherwise. */
export function parseQuantified(value: string): Quantified | undefined {
  const [, number, unit] = QUANTIFIED.exec(value) ?? [];
  return number === undefined || unit === undefined ? undefined : { number, unit };
}
