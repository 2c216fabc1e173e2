import { paint } from './format.ts';

/** One column of a table: numbers stand to the right, so that their digits line up. */
export type Column<Row> = {
  readonly title: string;
  readonly right?: true;
  readonly cell: (row: Row) => string;
};

const BORDERS = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
  ['', '-mid', '-left', '-right'].map((corner) => [side + corner, '']),
);

/** Rows under a dim heading, without lines: quiet to read, easy to cut with awk. */
export async function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const drawn = new Table({
    head: columns.map(({ title }) => paint('dim', title)),
    colAligns: columns.map(({ right }) => (right ? 'right' : 'left')),
    chars: { ...Object.fromEntries(BORDERS), middle: '' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  drawn.push(...rows.map((row) => columns.map(({ cell }) => cell(row))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
