import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LamellaError } from '../../preload/contract/errors.ts';
import { Library } from '../../main/engine/store/library.ts';
import { addJob, libraryOptions, tempFolder, tempLibrary } from './temp-library.ts';

function errorOf(work: () => unknown): LamellaError {
  try {
    work();
  } catch (error) {
    if (error instanceof LamellaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

async function holdElsewhere(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hold-library.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  return child;
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

describe('opening', () => {
  test('makes a library, and finds it again with the same id', () => {
    const folder = join(tempFolder(), 'deep', 'my library');
    const first = tempLibrary(folder);
    addJob(first);
    first.close();
    const again = tempLibrary(folder);
    expect(again.id).toBe(first.id);
    expect(again.name).toBe('my library');
    expect(again.read.all('SELECT id FROM job')).toHaveLength(1);
  });

  test.runIf(process.platform === 'linux')('says so where the system lets no folder be made, and does not hang', () => {
    expect(errorOf(() => tempLibrary('/proc/deep/library')).tag).toBe('not-writable');
  });

  test('takes an emptied library.db beside volumes for damage, not for a new library', () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    writeFileSync(join(folder, 'library.db'), '');
    tempLibrary(folder).close();
    mkdirSync(join(folder, 'volumes', 'volume-1'));
    writeFileSync(join(folder, 'library.db'), '');
    expect(errorOf(() => tempLibrary(folder)).tag).toBe('library-damaged');
  });

  test('keeps every commit through a power cut: FULL, WAL and foreign keys on every open', () => {
    const library = tempLibrary();
    const pragma = (name: string): unknown =>
      Object.values(library.read.get<Record<string, unknown>>(`PRAGMA ${name}`) ?? {})[0];
    expect([pragma('synchronous'), pragma('journal_mode'), pragma('foreign_keys'), pragma('trusted_schema')]).toEqual([
      2,
      'wal',
      1,
      0,
    ]);
  });

  test('does not make one when it is not to', () => {
    const folder = join(tempFolder(), 'none');
    expect(errorOf(() => Library.open({ ...libraryOptions(folder), create: false })).tag).toBe('not-found');
    expect(existsSync(folder)).toBe(false);
  });

  test('makes one beside other files, and leaves them alone', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    tempLibrary(folder);
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test.each(['volumes', 'blobs'])('refuses a folder whose %s is something else', (name) => {
    const folder = tempFolder();
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'x'), 'mine');
    const error = errorOf(() => Library.open(libraryOptions(folder)));
    expect([error.tag, error.fields['taken']]).toEqual(['conflict', name]);
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('refuses a file in the place of the folder', () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    expect(errorOf(() => Library.open(libraryOptions(file))).tag).toBe('invalid-input');
  });

  test("refuses another program's database, and leaves it as it is", () => {
    const folder = tempFolder();
    const file = join(folder, 'library.db');
    const db = new Database(file);
    db.exec('CREATE TABLE recipes (name TEXT)');
    db.close();
    expect(errorOf(() => Library.open(libraryOptions(folder))).tag).toBe('conflict');
    const after = new Database(file);
    expect(after.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).toEqual([{ name: 'recipes' }]);
    after.close();
  });
});

describe('damage', () => {
  test('a file that is no database is named, with the way out', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'library.db'), 'this is no database, it is a letter to my aunt');
    const error = errorOf(() => Library.open(libraryOptions(folder)));
    expect(error.tag).toBe('library-damaged');
    expect(error.hint).toContain('library.db.backup-');
    expect(readFileSync(join(folder, 'library.db'), 'utf8')).toContain('aunt');
  });

  test('pages that were overwritten are found at opening', () => {
    const folder = tempFolder();
    const library = tempLibrary(folder);
    for (let i = 0; i < 200; i++) addJob(library, `job-${String(i).padStart(12, '0')}`);
    library.close();
    const bytes = readFileSync(join(folder, 'library.db'));
    bytes.fill(0xa5, 8192, bytes.length - 4096);
    writeFileSync(join(folder, 'library.db'), bytes);
    expect(errorOf(() => Library.open(libraryOptions(folder))).tag).toBe('library-damaged');
  });
});

describe('reading only', () => {
  test('a library opened for reading can be read, and says so when it is written', () => {
    const folder = tempFolder();
    const library = tempLibrary(folder);
    addJob(library);
    library.close();
    const reading = Library.open({ ...libraryOptions(folder), readOnly: true });
    onTestFinished(() => reading.close());
    expect(reading.read.all('SELECT id FROM job')).toHaveLength(1);
    expect(reading.readOnly).toBe(true);
    expect(errorOf(() => reading.edit('x', () => undefined)).tag).toBe('not-writable');
    reading.cache.put('a', new Uint8Array(3));
    expect(reading.cache.get('a')).toHaveLength(3);
  });

  test('commits that lie in the log only are read too', async () => {
    const folder = tempFolder();
    const child = await holdElsewhere(folder);
    await killed(child);
    expect(existsSync(join(folder, 'library.db-wal'))).toBe(true);
    const reading = Library.open({ ...libraryOptions(folder), readOnly: true });
    onTestFinished(() => reading.close());
    expect(reading.read.all('SELECT * FROM history')).toEqual([]);
  });
});

describe('one process at a time', () => {
  test('a second process is told who has it and what to do', async () => {
    const folder = tempFolder();
    const child = await holdElsewhere(folder);
    const error = errorOf(() => Library.open(libraryOptions(folder)));
    expect(error.tag).toBe('library-locked');
    expect(error.fields['pid']).toBe(child.pid);
    expect(error.message).toContain(String(child.pid));
    expect(error.hint).not.toBe('');
  });

  test('also where the lock file was deleted', async () => {
    const folder = tempFolder();
    await holdElsewhere(folder);
    writeFileSync(join(folder, 'library.lock'), '');
    expect(errorOf(() => Library.open(libraryOptions(folder))).tag).toBe('library-locked');
  });

  test('the lock of a process that was killed does not hold', async () => {
    const folder = tempFolder();
    await killed(await holdElsewhere(folder));
    expect(existsSync(join(folder, 'library.lock'))).toBe(true);
    expect(tempLibrary(folder).readOnly).toBe(false);
  });

  test('the lock of a process whose number another one has now does not hold', () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    writeFileSync(
      join(folder, 'library.lock'),
      JSON.stringify({ pid: process.ppid, host: hostname(), born: 'another boot/1', since: '' }),
    );
    if (process.platform === 'linux') expect(tempLibrary(folder).readOnly).toBe(false);
  });

  test('a lock from another machine holds, and names the file to delete', () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    writeFileSync(
      join(folder, 'library.lock'),
      JSON.stringify({ pid: 1, host: 'elsewhere', born: null, since: 'today' }),
    );
    const error = errorOf(() => Library.open(libraryOptions(folder)));
    expect([error.tag, error.fields['host']]).toEqual(['library-locked', 'elsewhere']);
    expect(error.hint).toContain('library.lock');
  });

  test('closing gives it back', () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    expect(existsSync(join(folder, 'library.lock'))).toBe(false);
    expect(tempLibrary(folder).readOnly).toBe(false);
  });
});

test('paths never lead out of the library', () => {
  const library = tempLibrary();
  expect(library.pathOf('volumes', 'volume-1')).toBe(join(library.folder, 'volumes', 'volume-1'));
  expect(errorOf(() => library.pathOf('..', 'x')).tag).toBe('forbidden');
  expect(errorOf(() => library.pathOf('/etc/passwd')).tag).toBe('forbidden');
});
