const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** How durations and sizes are written, for messages and schemas. */
export const DURATION_FORM = 'a duration like 500ms, 10s, 5m, 2h or 30d';
export const SIZE_FORM = 'a size like 64KiB, 100MiB or 2GiB';

/** Milliseconds of `500ms`, `1.5s`, `5m`, `2h`, `30d`; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  return quantity(text, MILLISECONDS);
}

/** Bytes of `512B`, `64KiB`, `1.5GiB`; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  return quantity(text, BYTES);
}

/** The shortest text that `parseDuration` reads back as exactly these milliseconds: `90s` rather than `90000ms`. */
export function formatDuration(milliseconds: number): string {
  const unit = Object.entries(MILLISECONDS).findLast(([, factor]) => milliseconds % factor === 0);
  return milliseconds === 0 || unit === undefined ? `${milliseconds}ms` : `${milliseconds / unit[1]}${unit[0]}`;
}

function quantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?)\s?([a-zA-Z]+)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) return undefined;
  const amount = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(amount) ? amount : undefined;
}
