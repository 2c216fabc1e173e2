import { z } from 'zod';

/** A text that `parse` turns into a value, or into the sentence that says what is wrong with it. */
export function parsed<T extends object>(parse: (text: string) => T | string) {
  return z.string().transform((text, context): T => {
    const result = parse(text);
    if (typeof result !== 'string') return result;
    context.issues.push({ code: 'custom', message: result, input: text });
    return z.NEVER;
  });
}
