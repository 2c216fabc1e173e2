const MOST_EDITS = 3; // more would be another word
const MAX_LISTED = 30; // a longer line helps nobody
const FEW = 10; // are read at a glance
const NEAREST = 5;
// Comparing takes the product of both lengths.
const LONGEST_COMPARED = 100;
const MOST_COMPARED = 2_000;

/** The candidate that `word` was probably meant to be: about a third of its letters may differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(MOST_EDITS, Math.max(1, Math.ceil(word.length / 3)));
  const [best] = [...candidates]
    .filter((candidate) => Math.abs(candidate.length - word.length) <= limit)
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((match) => match.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** `did you mean X?` where something is near, else what there is to choose from; of many the nearest. */
export function suggest(word: string, candidates: readonly string[]): string {
  const best = nearest(word, candidates);
  if (best !== undefined) return `did you mean ${best}?`;
  if (candidates.length > MAX_LISTED) return nearestFew(word, candidates);
  return candidates.length === 0 ? '' : `known are ${candidates.join(', ')}`;
}

/** What there is instead of `word`: `there are: a, b`; of many the nearest, and the `command` that lists them all. */
export function choices(word: string, candidates: readonly string[], command: string): string {
  if (candidates.length === 0) return 'there are none';
  if (candidates.length <= FEW) return `there are: ${candidates.join(', ')}`;
  return `${nearestFew(word, candidates)}; \`${command}\` lists them all`;
}

/** Of a point or profile its name counts, and who writes half of it means one that has that half. */
function nearestFew(word: string, candidates: readonly string[]): string {
  const wanted = word.slice(-LONGEST_COMPARED).toLowerCase();
  const name = wanted.slice(wanted.lastIndexOf('/') + 1);
  const { true: having = [], false: others = [] } = Object.groupBy(candidates, (candidate) =>
    candidate.toLowerCase().includes(name) ? 'true' : 'false',
  );
  const near = [...having, ...others]
    .slice(0, MOST_COMPARED)
    .map((candidate, index) => ({
      candidate,
      far: Number(index >= having.length),
      edits: distance(wanted, candidate.slice(-LONGEST_COMPARED).toLowerCase()),
    }))
    .sort((a, b) => a.far - b.far || a.edits - b.edits)
    .slice(0, NEAREST)
    .map(({ candidate }) => candidate);
  return `the nearest of ${candidates.length} are ${near.join(', ')}`;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost, swapped));
    }
  }
  return at(a.length, b.length);
}
