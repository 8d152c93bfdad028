import { expect, test } from 'vitest';
import type { Brick } from '../../preload/contract/brick.ts';
import { BrickStore, valueAt } from '../../renderer/scene/stage/brick-store.ts';

const brick = (x: number, voxels: Uint8Array, size: Brick['size'] = [4, 4, 1]): Brick => ({
  address: [0, x, 0, 0],
  size,
  voxels,
});
const never = (): boolean => false;

test('a value is read from the voxel that covers a place', () => {
  const store = new BrickStore(1e6);
  store.add(
    brick(
      0,
      Uint8Array.from({ length: 16 }, (_, i) => i),
    ),
    'uint8',
    never,
  );
  store.add(brick(1, new Uint8Array()), 'uint8', never);
  expect(valueAt(store, 0, [4, 4, 1], [2, 3, 0])).toBe(14);
  expect(valueAt(store, 0, [4, 4, 1], [5, 0, 0])).toBe(0);
  expect(valueAt(store, 0, [4, 4, 1], [9, 0, 0])).toBeNull();
});

test('16-bit voxels are read as such', () => {
  const store = new BrickStore(1e6);
  const voxels = new Uint8Array(Uint16Array.from([1, 40_000, 3, 4]).buffer);
  store.add(brick(0, voxels, [4, 1, 1]), 'uint16', never);
  expect(valueAt(store, 0, [4, 1, 1], [1, 0, 0])).toBe(40_000);
});

test('a brick is a copy: its batch may be let go', () => {
  const store = new BrickStore(1e6);
  const batch = new Uint8Array(16).fill(7);
  store.add(brick(0, batch), 'uint8', never);
  batch.fill(0);
  expect(valueAt(store, 0, [4, 4, 1], [0, 0, 0])).toBe(7);
});

test('the least recently used bricks go first, and never those that are wanted', () => {
  const store = new BrickStore(3 * (16 + 64));
  for (const x of [0, 1, 2]) store.add(brick(x, new Uint8Array(16)), 'uint8', never);
  store.get('0/0/0/0');
  store.add(brick(3, new Uint8Array(16)), 'uint8', (key) => key === '0/2/0/0');
  expect(['0/0/0/0', '0/1/0/0', '0/2/0/0', '0/3/0/0'].filter((key) => store.has(key))).toEqual([
    '0/0/0/0',
    '0/2/0/0',
    '0/3/0/0',
  ]);
});
