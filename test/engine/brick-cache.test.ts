import Database from 'better-sqlite3';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BrickCache } from '../../main/engine/store/brick-cache.ts';
import { tempFolder } from './temp-library.ts';

function cacheIn(folder: string, capBytes: number, logged: string[] = []): BrickCache {
  const cache = new BrickCache({ file: join(folder, 'cache.db'), capBytes, log: (line) => logged.push(line) });
  onTestFinished(() => cache.close());
  return cache;
}

const blob = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe('the brick cache', () => {
  test('gives back what was put, also what still waits to be written, also after reopening', () => {
    const folder = tempFolder();
    const cache = cacheIn(folder, 1 << 20);
    cache.put('a', blob(100, 1));
    cache.putSoon('b', blob(50, 2));
    expect(cache.get('b')).toEqual(blob(50, 2));
    cache.close();
    const again = cacheIn(folder, 1 << 20);
    expect(again.get('a')).toEqual(blob(100, 1));
    expect(again.get('b')).toEqual(blob(50, 2));
    expect(again.get('c')).toBeUndefined();
    expect(again.stats()).toEqual({ entries: 2, bytes: 150, capBytes: 1 << 20 });
  });

  test('never holds more than its cap, and counts right, over random puts', () => {
    const cache = cacheIn(tempFolder(), 1 << 20);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 120_000 })), { maxLength: 60 }),
        (puts) => {
          for (const [key, size] of puts) {
            cache.putSoon(`k${key}`, blob(size, key));
            if (size % 3 === 0) cache.flush();
            const got = cache.get(`k${key}`);
            if (got) expect(got[0] ?? key).toBe(key);
          }
          cache.flush();
          expect(cache.stats().bytes).toBeLessThanOrEqual(1 << 20);
        },
      ),
      { numRuns: 40, seed: 7 },
    );
    const { bytes, entries } = cache.stats();
    let [seenBytes, seenEntries] = [0, 0];
    for (let key = 0; key <= 30; key++) {
      const got = cache.get(`k${key}`);
      if (got) [seenBytes, seenEntries] = [seenBytes + got.byteLength, seenEntries + 1];
    }
    expect([seenBytes, seenEntries]).toEqual([bytes, entries]);
  });

  test('drops first what was used least recently, and pinned blobs last of all', () => {
    const cache = cacheIn(tempFolder(), 1_200_000);
    cache.putSoon('pinned', blob(200_000, 1), { pinned: true });
    cache.flush();
    for (const key of ['a', 'b', 'c']) cache.put(key, blob(240_000, 1));
    cache.get('a');
    cache.put('e', blob(240_000, 1));
    expect(cache.get('a')).toBeDefined();
    expect(cache.get('b')).toBeUndefined();
    for (const key of ['f', 'g', 'h', 'i']) cache.put(key, blob(240_000, 1));
    expect(cache.get('pinned')).toBeDefined();
    expect(cache.get('a')).toBeUndefined();
    cache.put('huge', blob(900_000, 1));
    expect(cache.get('pinned')).toBeUndefined();
    expect(cache.get('huge')).toBeDefined();
  });

  test('the file and its log stay below the cap over 100,000 puts', () => {
    const folder = tempFolder();
    const cap = 24 << 20;
    const cache = cacheIn(folder, cap);
    const onDisk = (): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    let most = 0;
    for (let i = 0; i < 100_000; i++) {
      cache.putSoon(`brick/volume/0/0/${i}`, blob(300 + ((i * 7919) % 3000), i));
      if (i % 1000 === 0) most = Math.max(most, onDisk());
    }
    cache.flush();
    most = Math.max(most, onDisk());
    expect(most).toBeLessThanOrEqual(cap * 1.02);
    expect(cache.stats().bytes).toBeGreaterThan(cap * 0.5);
    expect(cache.get('brick/volume/0/0/99999')).toBeDefined();
  });

  test('one flipped bit in any of 1,000 blobs is noticed, and the blob counts as absent', () => {
    const folder = tempFolder();
    const logged: string[] = [];
    const cache = cacheIn(folder, 64 << 20, logged);
    for (let i = 0; i < 1000; i++) cache.putSoon(`k${i}`, blob(3000 + i, i));
    cache.close();
    const db = new Database(join(folder, 'cache.db'));
    const rows = db.prepare('SELECT key, bytes FROM blob').all() as { key: string; bytes: Buffer }[];
    for (const [i, { key, bytes }] of rows.entries()) {
      const at = (i * 7919) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (i % 8));
      db.prepare('UPDATE blob SET bytes = ? WHERE key = ?').run(bytes, key);
    }
    db.close();
    const again = cacheIn(folder, 64 << 20, logged);
    let absent = 0;
    for (let i = 0; i < 1000; i++) if (again.get(`k${i}`) === undefined) absent += 1;
    expect(absent).toBe(1000);
    expect(again.stats()).toMatchObject({ entries: 0, bytes: 0 });
    expect(logged).toHaveLength(1000);
  });

  test('a lower cap holds at once, blobs go by what their keys begin with, and clear leaves nothing', () => {
    const folder = tempFolder();
    const cache = cacheIn(folder, 64 << 20);
    for (let i = 0; i < 400; i++) cache.putSoon(`brick/v${i % 2}/${i}`, blob(60_000, i));
    cache.setCap(8 << 20);
    expect(cache.stats().bytes).toBeLessThanOrEqual(8 << 20);
    expect(statSync(join(folder, 'cache.db')).size).toBeLessThanOrEqual(8 << 20);
    cache.removeBelow('brick/v1/');
    expect(cache.get('brick/v1/399')).toBeUndefined();
    expect(cache.get('brick/v0/398')).toBeDefined();
    cache.clear();
    expect(cache.stats()).toEqual({ entries: 0, bytes: 0, capBytes: 8 << 20 });
    cache.put('new', blob(5, 5));
    expect(cache.get('new')).toEqual(blob(5, 5));
  });

  test('does not take what is larger than all of it', () => {
    const cache = cacheIn(tempFolder(), 1 << 20);
    cache.put('a', blob(10, 1));
    cache.put('big', blob(2 << 20, 1));
    expect(cache.get('big')).toBeUndefined();
    expect(cache.get('a')).toBeDefined();
  });

  test.each([
    ['a letter', Buffer.from('this is no database at all, it is a letter')],
    ['nothing', Buffer.alloc(0)],
    ['a database cut short', null],
  ])('is made again when its file is %s', (_name, content) => {
    const folder = tempFolder();
    const first = cacheIn(folder, 1 << 20);
    for (let i = 0; i < 50; i++) first.put(`k${i}`, blob(5000, i));
    first.close();
    const file = join(folder, 'cache.db');
    writeFileSync(file, content ?? readFileSync(file).subarray(0, 9000));
    const again = cacheIn(folder, 1 << 20);
    again.put('new', blob(5, 5));
    expect(again.get('new')).toEqual(blob(5, 5));
  });

  test('damage that shows later is survived too', () => {
    const folder = tempFolder();
    const logged: string[] = [];
    const cache = cacheIn(folder, 64 << 20, logged);
    for (let i = 0; i < 400; i++) cache.putSoon(`k${i}`, blob(8000, i));
    cache.close();
    const file = join(folder, 'cache.db');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096 * 3, bytes.length - 8192);
    writeFileSync(file, bytes);
    const again = cacheIn(folder, 64 << 20, logged);
    for (let i = 0; i < 400; i++) again.get(`k${i}`);
    again.put('new', blob(5, 5));
    expect(again.get('new') ?? blob(5, 5)).toEqual(blob(5, 5));
    expect(logged.length).toBeGreaterThan(0);
  });

  test('a folder that cannot hold it only means that nothing lasts', () => {
    const folder = tempFolder();
    const logged: string[] = [];
    const cache = new BrickCache({
      file: join(folder, 'missing', 'cache.db'),
      capBytes: 1 << 20,
      log: (line) => logged.push(line),
    });
    onTestFinished(() => cache.close());
    cache.put('a', blob(3, 1));
    expect(cache.get('a')).toEqual(blob(3, 1));
    expect(logged.join()).toContain('memory');
  });

  test('a file far over a lowered cap is made again', () => {
    const folder = tempFolder();
    const first = cacheIn(folder, 400 << 20);
    for (let i = 0; i < 30; i++) first.put(`k${i}`, blob(4 << 20, i));
    first.close();
    expect(statSync(join(folder, 'cache.db')).size).toBeGreaterThan(100 << 20);
    const again = cacheIn(folder, 1 << 20);
    expect(again.stats().bytes).toBe(0);
    expect(existsSync(join(folder, 'cache.db'))).toBe(true);
  });
});
