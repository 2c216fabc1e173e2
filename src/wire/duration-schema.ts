import { z } from 'zod';
import { DURATION_FORM, formatDuration, parseDuration } from '../model/duration.ts';

/** Milliseconds, written as a duration between `least` and `most` milliseconds. */
export function duration(least: number, most: number) {
  return z.string().transform((text, context): number => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds;
    const message =
      milliseconds === undefined
        ? `"${text}" is not ${DURATION_FORM}`
        : `${text} is outside ${formatDuration(least)} to ${formatDuration(most)}`;
    context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });
}
