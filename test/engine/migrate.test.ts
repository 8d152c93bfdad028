import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { openDatabase } from '../../main/engine/store/database.ts';
import type { Db } from '../../main/engine/store/database.ts';
import { migrate, migrations, schemaState, versionOf } from '../../main/engine/store/migrate.ts';
import { addJob, tempFolder, tempLibrary } from './temp-library.ts';

const next = {
  number: 9000,
  purpose: 'test',
  sql: 'CREATE TABLE later (n INTEGER) STRICT; INSERT INTO later VALUES (7);',
};
const broken = {
  number: 9010,
  purpose: 'broken',
  sql: 'CREATE TABLE half (n INTEGER) STRICT; INSERT INTO nowhere VALUES (1);',
};

function open(file: string): Db {
  const db = openDatabase({ file, synchronous: 'FULL' });
  onTestFinished(() => void db.close());
  return db;
}

/** A library of today with one row in it, closed. */
function libraryOfToday(): { folder: string; file: string } {
  const folder = tempFolder();
  const library = tempLibrary(folder);
  addJob(library);
  library.close();
  return { folder, file: join(folder, 'library.db') };
}

const backups = (folder: string): string[] => readdirSync(folder).filter((name) => name.includes('.backup-'));

describe('migrations', () => {
  test('go up by tens and begin at 10', () => {
    expect(migrations[0]?.number).toBe(10);
    for (const [i, { number }] of migrations.entries()) {
      expect(number % 10).toBe(0);
      expect(number).toBeGreaterThan(migrations[i - 1]?.number ?? 0);
    }
  });

  test('a new library needs no backup, an older one gets one that holds its rows', () => {
    const { folder, file } = libraryOfToday();
    expect(backups(folder)).toEqual([]);
    const db = open(file);
    expect(schemaState(db, file, [...migrations, next])).toBe('older');
    migrate(db, file, [...migrations, next]);
    expect(db.prepare('SELECT n FROM later').all()).toEqual([{ n: 7 }]);
    const [backup] = backups(folder);
    const old = open(join(folder, backup ?? ''));
    expect(versionOf(old)).toBe(migrations.at(-1)?.number);
    expect(old.prepare('SELECT count(*) AS n FROM job').get()).toEqual({ n: 1 });
  });

  test('a step that fails leaves the step before', () => {
    const { file } = libraryOfToday();
    const db = open(file);
    expect(() => migrate(db, file, [...migrations, next, broken])).toThrow('nowhere');
    expect(versionOf(db)).toBe(next.number);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
  });

  test('only the newest backups are kept', () => {
    const { folder, file } = libraryOfToday();
    for (let number = 9000; number < 9050; number += 10) {
      const db = open(file);
      const list = [
        ...migrations,
        ...Array.from({ length: (number - 9000) / 10 + 1 }, (_, i) => ({
          number: 9000 + i * 10,
          purpose: 'test',
          sql: 'SELECT 1;',
        })),
      ];
      migrate(db, file, list);
      db.close();
    }
    expect(backups(folder)).toHaveLength(3);
  });

  test('a database from the future is opened for reading, and says so when it is written', () => {
    const { folder, file } = libraryOfToday();
    const db = open(file);
    migrate(db, file, [...migrations, next]);
    db.close();
    const library = tempLibrary(folder);
    expect(library.readOnly).toBe(true);
    expect(library.read.all('SELECT id FROM job')).toHaveLength(1);
    try {
      library.edit('x', () => undefined);
      expect.unreachable();
    } catch (error) {
      expect(isLamellaError(error, 'library-newer')).toBe(true);
    }
  });

  test('a kill in the middle of a step leaves the step before, and the next opening works', async () => {
    const { folder, file } = libraryOfToday();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'migrate-process.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const exited = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_code, signal) => resolve(signal)),
    );
    child.kill('SIGKILL');
    expect(await exited).toBe('SIGKILL');
    const library = tempLibrary(folder);
    expect(library.readOnly).toBe(false);
    expect(library.read.all("SELECT name FROM sqlite_schema WHERE name = 'halfway'")).toEqual([]);
    expect(library.read.all('SELECT id FROM job')).toHaveLength(1);
  });
});
