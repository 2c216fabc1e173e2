// Templates of the format `custom`: text with placeholders in double braces, nothing else. No code is ever run.

/** What a placeholder can stand for. */
export const placeholders = {
  gateway: 'id of the gateway',
  device: 'id of the device',
  name: 'name of the point within its device',
  point: 'device/name',
  value: 'the value as JSON: a number, true, false, a text in quotes, or null',
  time: 'time of the reading, 2026-11-22T09:15:00.000Z',
  milliseconds: 'the same, milliseconds since 1970 UTC',
  seconds: 'the same, seconds since 1970 UTC with three decimals',
  quality: 'good, uncertain or bad',
  reason: 'why it is not good; empty where it is',
  unit: 'UCUM unit; empty where the point has none',
  quantity: 'quantity; empty where the point has none',
  sequence: 'number of the reading in the journal',
  epoch: 'id of the journal',
} as const;

export type Placeholder = keyof typeof placeholders;

/** Text and placeholders in turn. */
export type Template = readonly (string | { readonly placeholder: Placeholder })[];

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name);
}

/** The template in `text`, or the first name in it that is no placeholder. */
export function parseTemplate(text: string): Template | { readonly unknown: string } {
  const template: (string | { placeholder: Placeholder })[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const name = match[1] ?? '';
    if (!isPlaceholder(name)) return { unknown: name };
    template.push(text.slice(end, match.index), { placeholder: name });
    end = match.index + match[0].length;
  }
  return [...template, text.slice(end)];
}
