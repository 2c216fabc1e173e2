import type { HostBoot } from './host-boot.ts';
import type { OpenedDatabase } from './opened.ts';

/**
 * The last time that a journal knows of, wall milliseconds; 0 where it knows of none. In the same life of the host that
 * is now, by the anchor of the process before; else when the newest reading came, or what was noted since. Not the
 * latest of all: a clock that was a year ahead for a minute must not count.
 */
export function lastKnown(
  { catalogue, batches }: Pick<OpenedDatabase, 'catalogue' | 'batches'>,
  host: { readonly id: HostBoot['id']; readonly monotonic: number },
): number {
  const { life } = catalogue;
  if (life === undefined) return 0;
  if (life.host === host.id && host.id !== '') return Math.floor(host.monotonic - life.origin + life.offset);
  const { newest } = batches;
  return newest !== undefined && newest.first > life.seenAfter ? newest.newest : life.seen;
}
