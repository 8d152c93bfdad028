// Migrates a database with a step that takes long, until it is killed. `node migrate-process.ts FILE [rebuild]`.
import { openDatabase } from '../../main/engine/store/database.ts';
import { migrate, migrations } from '../../main/engine/store/migrate.ts';

const file = process.argv[2] ?? '';
const slow = `
  CREATE TABLE halfway (n INTEGER) STRICT;
  INSERT INTO halfway WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000000) SELECT n FROM numbers;`;
const db = openDatabase({ file, synchronous: 'FULL' });
process.stdout.write('migrating\n', () =>
  migrate(db, file, [
    ...migrations,
    { number: 9000, purpose: 'slow', sql: slow, rebuildsTables: process.argv[3] === 'rebuild' },
  ]),
);
