import type { FormatSession } from '../format.ts';

/** What a format says that has no words for anything but data: each of them takes from here what it lacks. */
export const silence: Omit<FormatSession, 'encoder' | 'overhead'> = {
  will: undefined,
  isWaiting: false,
  leavesWithWill: false,
  mayBeDeaf: false,
  filters: () => [],
  understand: () => [],
  introduction: () => [],
  presence: () => [],
  loss: () => [],
  correction: () => [],
  health: () => [],
  result: () => [],
  farewell: () => [],
};
