import { databasePath, openSQLite } from '../../src/journal/database.ts';

/** Takes from a journal that nobody has open what the second version of its schema has added. */
export function asVersionOne(folder: string): void {
  const database = openSQLite(databasePath(folder));
  database.exec(`
    DROP TABLE correction; DROP TABLE historic; ALTER TABLE meta DROP COLUMN unlisted;
    ALTER TABLE anchor DROP COLUMN shift; ALTER TABLE anchor DROP COLUMN after;
    ALTER TABLE boot DROP COLUMN host; ALTER TABLE boot DROP COLUMN origin;
    ALTER TABLE boot DROP COLUMN seen; ALTER TABLE boot DROP COLUMN seen_after;
    PRAGMA user_version = 1;`);
  database.close();
}
