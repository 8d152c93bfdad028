import { join } from 'node:path';
import Database from 'better-sqlite3';
import { BrickCache } from '../../main/engine/store/brick-cache.ts';
import { cachePageBytes } from '../../main/engine/store/cache-space.ts';
import { seededRandom } from '../formats/mutate.ts';
import { type Bench, type BenchRow, medianOf } from './row.ts';

const tiles = 2048;
const tileBytes = 65_536;
const rounds = 5;

/** Noise, so that nothing is cheaper for being alike. */
function makeTiles(): readonly Uint8Array[] {
  const random = seededRandom(3);
  return Array.from({ length: tiles }, () => {
    const words = new Uint32Array(tileBytes / 4);
    for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
    return new Uint8Array(words.buffer);
  });
}

const keyOf = (i: number): string => `brick/volume-0a1b2c3d4e5f/0/0/0/${i % 64}/${i >> 6}/0`;

/** The same visits for both, in no order that helps. */
function visits(): readonly number[] {
  const random = seededRandom(8);
  return Array.from({ length: 4096 }, () => Math.floor(random() * tiles));
}

function openCache(file: string): BrickCache {
  return new BrickCache({ file, capBytes: 2 ** 31, log: (line) => console.error(line) });
}

/** A table of blobs by key and nothing else, with the settings of the cache. */
function openRaw(file: string): InstanceType<typeof Database> {
  const db = new Database(file);
  for (const pragma of [`page_size = ${cachePageBytes}`, 'journal_mode = WAL', 'synchronous = OFF']) db.pragma(pragma);
  db.exec('CREATE TABLE IF NOT EXISTS blob (key TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
  return db;
}

/** Median microseconds a get, over rounds of all visits. */
function microsecondsOf(get: (key: string) => Uint8Array | undefined): number {
  const order = visits();
  const measured: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const started = performance.now();
    for (const i of order) if (get(keyOf(i))?.byteLength !== tileBytes) throw new Error(`tile ${i} is not there`);
    if (round >= 0) measured.push((1000 * (performance.now() - started)) / order.length);
  }
  return medianOf(measured);
}

/** Median milliseconds to put all tiles into a fresh file, durable in the file at the end. */
function millisecondsOf(fill: (file: string, all: readonly Uint8Array[]) => void, folder: string): number {
  const all = makeTiles();
  const measured: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const file = join(folder, `${fill.name}-${round + 1}.db`);
    const started = performance.now();
    fill(file, all);
    if (round >= 0) measured.push(performance.now() - started);
  }
  return medianOf(measured);
}

function fillCache(file: string, all: readonly Uint8Array[]): void {
  const cache = openCache(file);
  for (const [i, bytes] of all.entries()) cache.putSoon(keyOf(i), bytes);
  cache.close();
}

/** Batches as large as those of the cache, each a transaction. */
function fillRaw(file: string, all: readonly Uint8Array[]): void {
  const db = openRaw(file);
  const put = db.prepare('INSERT OR REPLACE INTO blob (key, bytes) VALUES (?, ?)');
  const batch = 128;
  for (let first = 0; first < all.length; first += batch)
    db.transaction(() => {
      for (let i = first; i < Math.min(first + batch, all.length); i++) put.run(keyOf(i), all[i]);
    })();
  db.close();
}

function getFromCache({ folder }: Bench): number {
  const file = join(folder, 'cache.db');
  fillCache(file, makeTiles());
  const cache = openCache(file);
  const measured = microsecondsOf((key) => cache.get(key));
  cache.close();
  return measured;
}

function getRaw({ folder }: Bench): number {
  const file = join(folder, 'raw.db');
  fillRaw(file, makeTiles());
  const db = openRaw(file);
  const select = db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM blob WHERE key = ?');
  const measured = microsecondsOf((key) => select.get(key)?.bytes);
  db.close();
  return measured;
}

const peerName = 'better-sqlite3 13.2.0, a table of blobs by key, same process and settings';

export const cacheGet: BenchRow = {
  id: 'cache-get',
  workload:
    '4,096 random reads of 2,048 tiles of 64 KiB from cache.db, checked against their hash at the first read, warm pages',
  unit: 'us',
  target: 'at most 1.3x a raw get',
  isMet: (ours, theirs) => theirs === null || ours <= 1.3 * theirs,
  measure: async (bench) => getFromCache(bench),
  peer: { name: peerName, requirements: [], measure: async (bench) => getRaw(bench) },
};

export const cachePut: BenchRow = {
  id: 'cache-put',
  workload: '2,048 tiles of 64 KiB into a fresh cache.db, in batches',
  unit: 'ms',
  target: 'at least 0.8x the speed of raw SQLite',
  isMet: (ours, theirs) => theirs === null || ours * 0.8 <= theirs,
  measure: async ({ folder }) => millisecondsOf(fillCache, folder),
  peer: { name: peerName, requirements: [], measure: async ({ folder }) => millisecondsOf(fillRaw, folder) },
};
