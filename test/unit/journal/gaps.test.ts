import { expect, test } from 'vitest';
import { openSQLite } from '../../../src/journal/database.ts';
import { GapTable } from '../../../src/journal/gaps.ts';
import { migrate } from '../../../src/journal/schema.ts';

const loss = (after: number, upto: number) =>
  ({ range: { after, upto }, count: upto - after, from: null, to: null, reason: 'size', at: 0 }) as const;

test('a record grows until it was given out; one that an earlier process may have given out does not grow', () => {
  const database = openSQLite(':memory:');
  migrate(database);
  const destination = Number(
    database.prepare("INSERT INTO destination (name, active) VALUES ('a', 1)").run().lastInsertRowid,
  );
  const before = new GapTable(database);
  expect([before.note(destination, loss(0, 10)), before.note(destination, loss(10, 20))]).toEqual([true, false]);
  const after = new GapTable(database);
  expect([after.note(destination, loss(20, 30)), after.note(destination, loss(30, 40))]).toEqual([true, false]);
  expect(after.give(destination, 'a').map(({ range }) => range)).toEqual([
    { after: 0, upto: 20 },
    { after: 20, upto: 40 },
  ]);
  expect(after.note(destination, loss(40, 50))).toBe(true);
  database.close();
});
