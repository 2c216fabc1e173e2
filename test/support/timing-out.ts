import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { FakeClock } from './fake-clock.ts';

/** A far end that tells how many requests have reached it. */
export type Asked = { readonly asked: { readonly length: number }; untilAsked(count: number): Promise<void> };

/** Lets `timeout` milliseconds pass each time a request has reached the far end, until `work` is over. */
export async function timingOut<T>(
  work: Promise<T>,
  { farEnd, clock, timeout = 1_000 }: { farEnd: Asked; clock: FakeClock; timeout?: number },
): Promise<T> {
  const over = work.then(
    () => true,
    () => true,
  );
  let count = farEnd.asked.length + 1;
  while (!(await Promise.race([over, farEnd.untilAsked(count).then(() => false)]))) {
    count += 1;
    await clock.advance(timeout);
  }
  return work;
}

/** Lets time pass in small steps until `work` is over; what goes over a socket meanwhile takes hardly any of it. */
export async function passing<T>(work: Promise<T>, clock: FakeClock, step = 20): Promise<T> {
  const state = { isOver: false };
  const over = (): void => {
    state.isOver = true;
  };
  work.then(over, over);
  while (!state.isOver) {
    // A loopback needs a few turns of the loop from one end to the other.
    for (let turn = 0; turn < 5 && !state.isOver; turn++) await turnOfTheLoop();
    await untilWritten();
    if (!state.isOver) await clock.advance(step);
  }
  return work;
}

const MOST_TURNS = 100_000;

/**
 * Resolves once no thread is at work on a file: a port is written to by one, and whoever lets time pass meanwhile has it
 * miss its deadline.
 */
export async function untilWritten(): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS && isFileAtWork(); turn++) await turnOfTheLoop();
}

function isFileAtWork(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
