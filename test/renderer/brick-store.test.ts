import { expect, test } from 'vitest';
import type { Brick } from '../../preload/contract/brick.ts';
import { keyOf } from '../../renderer/scene/stage/brick-plan.ts';
import { BrickStore, valueAt } from '../../renderer/scene/stage/brick-store.ts';

const brick = (x: number, voxels: Uint8Array, size: Brick['size'] = [4, 4, 1]): Brick => ({
  address: [0, x, 0, 0],
  size,
  voxels,
});
const never = (): boolean => false;
const put = (store: BrickStore, one: Brick, keep: (key: string) => boolean = never): boolean =>
  store.add(keyOf(one.address), one, 'uint8', keep);

test('a value is read from the voxel that covers a place', () => {
  const store = new BrickStore(1e6);
  put(
    store,
    brick(
      0,
      Uint8Array.from({ length: 16 }, (_, i) => i),
    ),
  );
  put(store, brick(1, new Uint8Array()));
  expect(valueAt(store, 0, [4, 4, 1], [2, 3, 0])).toBe(14);
  expect(valueAt(store, 0, [4, 4, 1], [5, 0, 0])).toBe(0);
  expect(valueAt(store, 0, [4, 4, 1], [9, 0, 0])).toBeNull();
});

test('16-bit voxels are read as such', () => {
  const store = new BrickStore(1e6);
  const voxels = new Uint8Array(Uint16Array.from([1, 40_000, 3, 4]).buffer);
  store.add('0/0/0/0', brick(0, voxels, [4, 1, 1]), 'uint16', never);
  expect(valueAt(store, 0, [4, 1, 1], [1, 0, 0])).toBe(40_000);
});

test('a brick is a copy: its batch may be let go', () => {
  const store = new BrickStore(1e6);
  const batch = new Uint8Array(16).fill(7);
  put(store, brick(0, batch));
  batch.fill(0);
  expect(valueAt(store, 0, [4, 4, 1], [0, 0, 0])).toBe(7);
});

test('the least recently used bricks go first, and never those that are wanted', () => {
  const store = new BrickStore(3 * (16 + 64));
  for (const x of [0, 1, 2]) put(store, brick(x, new Uint8Array(16)));
  store.get('0/0/0/0');
  put(store, brick(3, new Uint8Array(16)), (key) => key === '0/2/0/0');
  expect(['0/0/0/0', '0/1/0/0', '0/2/0/0', '0/3/0/0'].filter((key) => store.has(key))).toEqual([
    '0/0/0/0',
    '0/2/0/0',
    '0/3/0/0',
  ]);
});

test('a store that is full of what is wanted refuses more, and says so', () => {
  const store = new BrickStore(2 * (16 + 64));
  expect([0, 1, 2].map((x) => put(store, brick(x, new Uint8Array(16)), () => true))).toEqual([true, true, false]);
  expect(store.has('0/2/0/0')).toBe(false);
  expect(store.bytes).toBe(2 * (16 + 64));
});

test('the cap holds through 40,000 steps of a random walk, and what is pinned stays', () => {
  let seed = 20_261;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
  const cap = 64_000;
  const store = new BrickStore(cap);
  put(store, brick(-1, new Uint8Array(500).fill(9)), () => true);
  let at = 0;
  for (let step = 0; step < 40_000; step++) {
    at += Math.round((random() - 0.5) * 12);
    const kept = (key: string): boolean => {
      const x = Number(key.split('/')[1]);
      return x === -1 || Math.abs(x - at) <= 3;
    };
    const bytes = random() < 0.1 ? 0 : 16 + Math.floor(random() * 4000);
    const wanted = random() < 0.9;
    const came = put(store, brick(wanted ? at : at + 50, new Uint8Array(bytes)), kept);
    expect(store.bytes).toBeLessThanOrEqual(cap);
    if (wanted) expect(came && store.has(keyOf([0, at, 0, 0]))).toBe(true);
    if (step % 5000 === 4999) store.setCap(step % 10_000 === 9999 ? cap : cap - 20_000);
    if (step % 5000 === 4999 && step % 10_000 !== 9999) {
      expect(store.bytes).toBeLessThanOrEqual(cap - 20_000);
      store.setCap(cap);
      put(store, brick(-1, new Uint8Array(500).fill(9)), () => true);
    }
    expect(store.has('0/-1/0/0')).toBe(true);
  }
});
