// Libraries of schema 10, from before volumes could lie elsewhere, made by the migration of that time.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../main/engine/store/database.ts';
import { migrate, versionOf } from '../../main/engine/store/migrate.ts';
import { foundation } from '../../main/engine/store/migrations/0010-foundation.ts';
import { librarySummary } from '../../main/engine/store/summary.ts';
import { allVolumes, volumeById } from '../../main/engine/store/volume-rows.ts';
import { tempFolder, tempLibrary } from './temp-library.ts';

const oldVolume = (id: string, removed = 0) => ({
  id,
  stack: 'stack-0001',
  name: 'block',
  folder: `volumes/${id}`,
  dtype: 'uint16',
  levels: '[{"size":[10,20,3],"brick":[64,64,3],"voxelSizeNm":[4,4,40]}]',
  origin_voxel: '[-2,5,7]',
  window: '[5,200]',
  histogram: '{"counts":[],"range":[0,255]}',
  bytes: 123,
  job: 'job-1',
  created_at: '2026-01-01T00:00:00.000Z',
  removed,
});

/** With a fused volume, an annotation and a publication on it, and a second volume that was fused and undone. */
function oldLibrary(): { readonly folder: string; readonly file: string } {
  const folder = tempFolder();
  const file = join(folder, 'library.db');
  const db = openDatabase({ file, synchronous: 'FULL' });
  migrate(db, file, [foundation]);
  const insert = (table: string, row: Readonly<Record<string, string | number>>): void => {
    const keys = Object.keys(row);
    db.prepare(`INSERT INTO ${table} (${keys.join()}) VALUES (${keys.map(() => '?').join()})`).run(
      ...Object.values(row),
    );
  };
  const at = '2026-01-01T00:00:00.000Z';
  insert('job', {
    id: 'job-1',
    kind: 'stitch.fuse',
    label: 'Fuse',
    input: '{}',
    state: 'done',
    lamella_version: '0.1.0',
    created_at: at,
    updated_at: at,
  });
  insert('dataset', {
    id: 'dataset-0001',
    name: 'd',
    source: '/tiles',
    layout: 'render',
    voxel_size_nm: '[4,4,40]',
    job: 'job-1',
    created_at: at,
  });
  insert('stack', {
    id: 'stack-0001',
    dataset: 'dataset-0001',
    version: 1,
    model: 'affine',
    state: 'COMPLETE',
    tiles: 1,
    links: 0,
    dropped: 0,
    rms_px: 0,
    max_px: 0,
    verdict: 'pass',
    reasons: '[]',
    parameters: '{}',
    job: 'job-1',
    created_at: at,
  });
  insert('volume', oldVolume('volume-0001'));
  insert('volume', oldVolume('volume-0002', 1));
  insert('annotation', {
    id: 'annotation-0001',
    volume: 'volume-0001',
    kind: 'point',
    points_nm: '[[0,0,0]]',
    name: '',
    note: '',
    created_at: at,
    updated_at: at,
  });
  const change = { table: 'volume', id: 'volume-0002', before: null, after: oldVolume('volume-0002') };
  insert('history', { label: 'Fuse block', changes: JSON.stringify([change]), at, undone: 1 });
  db.close();
  return { folder, file };
}

test('a library of schema 10 has its volumes, annotations and history, and a backup', () => {
  const { folder } = oldLibrary();
  const library = tempLibrary(folder);
  expect(library.read.get('SELECT value FROM meta LIMIT 1')).toBeUndefined();
  expect(volumeById(library.read, 'volume-0001').volume).toEqual({
    id: 'volume-0001',
    stack: 'stack-0001',
    name: 'block',
    kind: 'image',
    dtype: 'uint16',
    levels: [{ size: [10, 20, 3], brick: [64, 64, 3], voxelSizeNm: [4, 4, 40], originNm: [-8, 20, 280] }],
    channels: [{ name: '', color: null, window: [5, 200] }],
    times: 1,
    originVoxel: [-2, 5, 7],
    worldFromVolume: null,
    window: [5, 200],
    display: { dtype: 'uint16', range: [0, 65_535], labels: false },
    source: { kind: 'library', format: 'ome-zarr', text: 'volumes/volume-0001' },
    favourite: false,
    openedAt: null,
    bytes: 123,
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  expect(library.problems()).toEqual([]);
  expect(library.redo()).toBe('Fuse block');
  expect(
    librarySummary(library)
      .volumes.map(({ id }) => id)
      .toSorted(),
  ).toEqual(['volume-0001', 'volume-0002']);
  expect(library.undo()).toBe('Fuse block');
  expect(librarySummary(library)).toMatchObject({ annotations: 1, volumes: [{ id: 'volume-0001' }] });
  expect(library.read.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 });
  expect(() => library.record((tx) => tx.run("DELETE FROM volume WHERE id = 'volume-0001'"))).toThrow('FOREIGN KEY');
  expect(readdirSync(folder).filter((name) => /backup-.*-v10$/.test(name))).toHaveLength(1);
});

test('a row that can not be read hides one volume, not the library, and check tells it', () => {
  const { folder } = oldLibrary();
  const library = tempLibrary(folder);
  library.record((tx) => tx.run("UPDATE volume SET removed = 0, levels = 'nonsense' WHERE id = 'volume-0002'"));
  expect(librarySummary(library).volumes.map(({ id }) => id)).toEqual(['volume-0001']);
  expect(allVolumes(library.read).unreadable).toEqual(['volume-0002']);
  expect(() => volumeById(library.read, 'volume-0002')).toThrow(expect.objectContaining({ tag: 'library-damaged' }));
});

test('a rebuilt table with rows that point nowhere is refused, and nothing is changed', () => {
  const { file } = oldLibrary();
  const db = openDatabase({ file, synchronous: 'FULL' });
  onTestFinished(() => void db.close());
  const sql = 'CREATE TABLE gone (n INTEGER) STRICT; DELETE FROM stack;';
  const list = [foundation, { number: 9000, purpose: 'test', rebuildsTables: true, sql }];
  expect(() => migrate(db, file, list)).toThrow(expect.objectContaining({ tag: 'library-damaged' }));
  expect([versionOf(db), db.pragma('foreign_keys', { simple: true })]).toEqual([10, 1]);
  expect(db.prepare('SELECT count(*) AS n FROM stack').get()).toEqual({ n: 1 });
});

test('a kill while a table is rebuilt leaves the step before, and the next opening works', async () => {
  const { folder, file } = oldLibrary();
  const script = join(import.meta.dirname, 'migrate-process.ts');
  const child = spawn(process.execPath, [script, file, 'rebuild'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  mkdirSync(join(folder, 'volumes'), { recursive: true });
  const library = tempLibrary(folder);
  expect(library.readOnly).toBe(false);
  expect(library.read.all("SELECT name FROM sqlite_schema WHERE name = 'halfway'")).toEqual([]);
  expect(librarySummary(library).volumes).toHaveLength(1);
  expect(library.problems()).toEqual([]);
  expect(existsSync(file)).toBe(true);
});
