import { InvalidArgumentError } from 'commander';
import { DURATION_FORM, formatDuration, parseDuration } from '../model/duration.ts';

/** Parses the value of an option like `1-32,40` into whole numbers from `least` to `most`, rising, each once. */
export function ranges(least: number, most: number): (text: string) => readonly number[] {
  return (text) => {
    const found = text.split(',').flatMap((part) => {
      const [, first = '', last = first] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part) ?? [];
      const [from, to] = [Number(first), Number(last)];
      if (first !== '' && from >= least && to <= most && from <= to) {
        return Array.from({ length: to - from + 1 }, (_, index) => from + index);
      }
      const form = `whole numbers from ${least} to ${most}, like 1-32,40`;
      throw new InvalidArgumentError(`It must be ${form}; "${part.trim()}" is none.`);
    });
    return [...new Set(found)].toSorted((a, b) => a - b);
  };
}

/** Parses the value of an option like `9600,19200` into whole numbers from `least` to `most`, in the order given. */
export function numbers(least: number, most: number): (text: string) => readonly number[] {
  return (text) =>
    text.split(',').map((part) => {
      const number = /^\s*\d+\s*$/.test(part) ? Number(part) : NaN;
      if (number >= least && number <= most) return number;
      const form = `whole numbers from ${least} to ${most}, with commas between`;
      throw new InvalidArgumentError(`It must be ${form}; "${part.trim()}" is none.`);
    });
}

/** Parses the value of an option like `none,even` into some of `choices`, in the order given. */
export function someOf<Choice extends string>(choices: readonly Choice[]): (text: string) => readonly Choice[] {
  return (text) =>
    text.split(',').map((part) => {
      const choice = choices.find((each) => each === part.trim());
      if (choice !== undefined) return choice;
      throw new InvalidArgumentError(`It must be some of ${choices.join(', ')}; "${part.trim()}" is none.`);
    });
}

/** Parses the value of an option as a duration between `least` and `most`, into milliseconds. */
export function period(least: string, most: string): (text: string) => number {
  const [shortest = 0, longest = 0] = [least, most].map((limit) => parseDuration(limit));
  return (text) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) throw new InvalidArgumentError(`It must be ${DURATION_FORM}.`);
    if (milliseconds >= shortest && milliseconds <= longest) return milliseconds;
    throw new InvalidArgumentError(`It must be from ${formatDuration(shortest)} to ${formatDuration(longest)}.`);
  };
}
