import { expect, test } from 'vitest';
import { defaultSearchPx, findPairs } from '../../main/engine/journeys/stitch/pairs.ts';
import type { StoredTile } from '../../main/engine/store/tiles.ts';
import { applyAffine, type Affine } from '../../preload/contract/space.ts';
import { seededRandom } from '../formats/mutate.ts';

function tile(
  id: number,
  section: number,
  stageFromTile: Affine,
  size: readonly [number, number] = [100, 100],
): StoredTile {
  return {
    id,
    section,
    stageFromTile,
    name: `t${id}`,
    fileName: `t${id}.png`,
    path: `/t${id}.png`,
    mipmapLevel: 0,
    widthPx: size[0],
    heightPx: size[1],
    dtype: 'uint8',
    sha256: 's',
    pixelSha256: 'p',
    bytes: 1,
    metrics: null,
    verdict: 'ok',
    reasons: [],
    review: 'unreviewed',
    hasSpec: false,
  };
}

const grid = (rows: number, cols: number, step: number, sections = 1): StoredTile[] =>
  Array.from({ length: sections * rows * cols }, (_, i) =>
    tile(i, Math.floor(i / (rows * cols)), [1, 0, 0, 1, (i % cols) * step, (Math.floor(i / cols) % rows) * step]),
  );

test('pairs the neighbours of a grid, not its corners, and never across sections', () => {
  const pairs = findPairs(grid(4, 5, 85, 3));
  expect(pairs).toHaveLength(3 * (4 * 4 + 3 * 5));
  expect(pairs.every(({ a, b, section }) => a.section === section && b.section === section && a.id < b.id)).toBe(true);
  expect(pairs.every(({ thicknessPx }) => thicknessPx === 15)).toBe(true);
});

test('leaves out overlaps below one per cent', () => {
  expect(findPairs([tile(1, 0, [1, 0, 0, 1, 0, 0]), tile(2, 0, [1, 0, 0, 1, 99.5, 0])])).toHaveLength(0);
  expect(findPairs([tile(1, 0, [1, 0, 0, 1, 0, 0]), tile(2, 0, [1, 0, 0, 1, 95, 0])])).toHaveLength(1);
});

test('bFromA takes a pixel of a to the pixel of b at the same stage place', () => {
  const [a, b] = [tile(1, 0, [0.96, 0.01, -0.02, 0.93, 10, 20]), tile(2, 0, [0.95, -0.01, 0.03, 0.94, 60, 25])];
  const [pair] = findPairs([b, a]);
  expect(pair?.a.id).toBe(1);
  const onStage = applyAffine(a.stageFromTile, 70, 30);
  const [x, y] = applyAffine(pair?.bFromA ?? [0, 0, 0, 0, 0, 0], 70, 30);
  const again = applyAffine(b.stageFromTile, x, y);
  expect(Math.hypot(again[0] - onStage[0], again[1] - onStage[1])).toBeLessThan(1e-9);
});

test('finds what comparing every tile with every other finds', () => {
  const random = seededRandom(3);
  const tiles = Array.from({ length: 120 }, (_, i) =>
    tile(i, i % 2, [1, 0, 0, 1, random() * 600, random() * 600], [60 + Math.floor(random() * 60), 80]),
  );
  const found = new Set(findPairs(tiles).map(({ a, b }) => `${a.id}-${b.id}`));
  const slow = tiles.flatMap((a) =>
    tiles.filter((b) => b.id > a.id).flatMap((b) => findPairs([a, b]).map(() => `${a.id}-${b.id}`)),
  );
  expect(found).toEqual(new Set(slow));
  expect(found.size).toBeGreaterThan(100);
});

test('searches as far as three quarters of the usual overlap', () => {
  expect(defaultSearchPx(findPairs(grid(3, 3, 60)))).toBe(30);
  expect(defaultSearchPx(findPairs(grid(3, 3, 95)))).toBe(12);
  expect(defaultSearchPx([])).toBe(32);
});
