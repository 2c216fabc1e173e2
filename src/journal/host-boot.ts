import { readFileSync } from 'node:fs';

/** One life of the host: its monotonic clock outlives our process, so that the time of one tells that of another. */
export type HostBoot = {
  /** Empty where the host does not say. */
  readonly id: string;
  /** Milliseconds since some instant of the host's life. */
  monotonic(): number;
};

/** That of this machine. */
export const thisBoot: HostBoot = {
  id: readBootId(),
  // CLOCK_MONOTONIC, which performance.now() counts from our own start
  monotonic: () => Number(process.hrtime.bigint()) / 1_000_000,
};

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return ''; // no such file outside Linux
  }
}
