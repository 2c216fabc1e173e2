/**
 * Runs the tasks side by side until the first of them ends, and then ends the others. Settles as the first does, without
 * waiting for the others: what they still say is not heard.
 */
export async function together(
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const lifetime = AbortSignal.any([signal, ended.signal]);
  const running = tasks.map((task) => task(lifetime));
  try {
    await Promise.race(running);
  } finally {
    ended.abort();
    for (const task of running) task.catch(() => undefined);
  }
}
