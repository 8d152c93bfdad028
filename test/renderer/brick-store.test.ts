import { expect, test } from 'vitest';
import type { Brick } from '../../preload/contract/brick.ts';
import { BrickStore, valueAt } from '../../renderer/scene/stage/brick-store.ts';
import { addressOf, brickKey, sourceOf } from '../../renderer/scene/stage/sources.ts';
import { thinVolume } from './volume.ts';

const brick = (x: number, voxels: Uint8Array, size: Brick['size'] = [4, 4, 1]): Brick => ({
  address: [0, x, 0, 0],
  size,
  voxels,
});
const never = (): boolean => false;
/** A volume of bricks of `side` x `side` x 1 voxels. */
const sourceOfBricks = (side: readonly [number, number, number]): ReturnType<typeof sourceOf> =>
  sourceOf(
    thinVolume({ levels: [{ size: [64, 64, 1], brick: side, voxelSizeNm: [1, 1, 1], originNm: [0, 0, 0] }] }),
    0,
    0,
  );
const source = sourceOfBricks([4, 4, 1]);
const keyOf = (address: Brick['address']): string => brickKey(source.key, address);
const keyAt = (x: number): string => keyOf([0, x, 0, 0]);
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
  expect(valueAt(store, source, 'uint8', 0, [2, 3, 0])).toBe(14);
  expect(valueAt(store, source, 'uint8', 0, [5, 0, 0])).toBe(0);
  expect(valueAt(store, source, 'uint8', 0, [9, 0, 0])).toBeNull();
});

test('16-bit voxels are read as such', () => {
  const store = new BrickStore(1e6);
  const voxels = new Uint8Array(Uint16Array.from([1, 40_000, 3, 4]).buffer);
  const wide = sourceOfBricks([4, 1, 1]);
  store.add(keyAt(0), brick(0, voxels, [4, 1, 1]), 'uint16', never);
  expect(valueAt(store, wide, 'uint16', 0, [1, 0, 0])).toBe(40_000);
});

test('a brick is a copy: its batch may be let go', () => {
  const store = new BrickStore(1e6);
  const batch = new Uint8Array(16).fill(7);
  put(store, brick(0, batch));
  batch.fill(0);
  expect(valueAt(store, source, 'uint8', 0, [0, 0, 0])).toBe(7);
});

test('the least recently used bricks go first, and never those that are wanted', () => {
  const store = new BrickStore(3 * (16 + 64));
  for (const x of [0, 1, 2]) put(store, brick(x, new Uint8Array(16)));
  store.get(keyAt(0));
  put(store, brick(3, new Uint8Array(16)), (key) => key === keyAt(2));
  expect([0, 1, 2, 3].filter((x) => store.has(keyAt(x)))).toEqual([0, 2, 3]);
});

test('a store that is full of what is wanted refuses more, and says so', () => {
  const store = new BrickStore(2 * (16 + 64));
  expect([0, 1, 2].map((x) => put(store, brick(x, new Uint8Array(16)), () => true))).toEqual([true, true, false]);
  expect(store.has(keyAt(2))).toBe(false);
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
      const x = addressOf(key)[1];
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
    expect(store.has(keyAt(-1))).toBe(true);
  }
});

test('labels are read with every digit, and a brick that lies is refused', () => {
  const store = new BrickStore(1e6);
  const bytes = new Uint8Array(8 + 2 * 8 + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 2, true);
  view.setUint32(4, 1, true);
  view.setBigUint64(8, 0n, true);
  view.setBigUint64(16, 18_446_744_073_709_551_557n, true);
  bytes.set([0, 1, 0, 1], 24);
  const labels = sourceOfBricks([2, 2, 1]);
  store.add(keyAt(0), brick(0, bytes, [2, 2, 1]), 'labels', never);
  store.add(keyAt(1), brick(1, new Uint8Array(), [2, 2, 1]), 'labels', never);
  expect(valueAt(store, labels, 'labels', 0, [1, 1, 0])).toBe('18446744073709551557');
  expect(valueAt(store, labels, 'labels', 0, [0, 1, 0])).toBe('0');
  expect(valueAt(store, labels, 'labels', 0, [2, 0, 0])).toBe('0');
  bytes[24] = 7;
  expect(() => store.add(keyAt(2), brick(2, bytes, [2, 2, 1]), 'labels', never)).toThrow(RangeError);
  expect(store.has(keyAt(2))).toBe(false);
});
