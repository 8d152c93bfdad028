import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bricksInView,
  keyOf,
  levelsFor,
  partOf,
  pinnedBricks,
  planBricks,
  wholeLevel,
} from '../../renderer/scene/stage/brick-plan.ts';
import type { Camera } from '../../renderer/scene/stage/messages.ts';
import { gridOf, levelForPlane, planeAxes } from '../../renderer/state/volume-geometry.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const orbit = { yaw: 0, pitch: 0, zoom: 1 };
const view = { plane: 'xy', size: { width: 400, height: 300 } } as const;
const at = (positionNm: readonly [number, number, number], nmPerPx: number): Camera => ({ positionNm, nmPerPx, orbit });
const middle = at([3600, 3200, 200], 4);

test('only bricks that the pane shows are in view', () => {
  expect(bricksInView(volume, 0, view, middle)).toEqual({ from: [6, 4, 0], to: [9, 7, 0] });
});

test('outside the volume there is nothing in view', () => {
  expect(bricksInView(volume, 0, view, at([1e6, 0, 200], 4))).toBeNull();
  expect(bricksInView(volume, 0, view, at([3600, 3200, 1e5], 4))).toBeNull();
});

test('every brick of a level is listed once', () => {
  const keys = wholeLevel(volume, 1).map((brick) => keyOf(brick));
  expect(new Set(keys).size).toBe(8 * 6);
});

test('a pane asks for the coarsest level, one in between and the right one', () => {
  expect(levelsFor(volume, 'xy', 4)).toEqual([3, 2, 0]);
  expect(levelsFor(volume, 'xy', 1000)).toEqual([3]);
});

const plan = (camera: Camera, projectionLevel: number | null = null, most = 4096): readonly string[] =>
  planBricks({ volume, camera, planes: [view], projectionLevel, most }).map((brick) => keyOf(brick));

test('coarse bricks come before fine ones, and of a level the middle first', () => {
  const keys = plan(middle);
  expect(keys[0]?.startsWith('3/')).toBe(true);
  const fine = keys.filter((key) => key.startsWith('0/'));
  expect(['0/7/5/0', '0/7/6/0', '0/8/5/0', '0/8/6/0']).toContain(fine[0]);
  expect(keys.findIndex((key) => key.startsWith('0/'))).toBeGreaterThan(
    keys.findLastIndex((key) => key.startsWith('2/')),
  );
});

test('a plan holds all that is in view of the right level, nothing twice and nothing that does not exist', () => {
  const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(
      fc.tuple(number(-2000, 9000), number(-2000, 9000), number(0, 400)),
      number(0.5, 200),
      (place, nmPerPx) => {
        const camera = at(place, nmPerPx);
        const planned = planBricks({ volume, camera, planes: [view], projectionLevel: 2, most: 4096 });
        const keys = new Set(planned.map((brick) => keyOf(brick)));
        expect(keys.size).toBe(planned.length);
        for (const [level, ...index] of planned) {
          const found = volume.levels[level];
          const grid = found ? gridOf(found) : [0, 0, 0];
          expect(index.every((i, a) => i >= 0 && i < (grid[a] ?? 0))).toBe(true);
        }
        const target = levelForPlane(volume, planeAxes.xy, nmPerPx);
        const range = bricksInView(volume, target, view, camera);
        if (range) expect(keys.has(keyOf([target, ...range.from]))).toBe(true);
        for (const brick of wholeLevel(volume, 3)) expect(keys.has(keyOf(brick))).toBe(true);
      },
    ),
    { seed: 21 },
  );
});

test('a plan is no longer than asked', () => {
  expect(plan(middle, 0, 25)).toHaveLength(25);
});

test('a level with its own origin is asked for where it lies', () => {
  const [fine, coarse] = volume.levels;
  if (!fine || !coarse) throw new Error('two levels are needed');
  const shifted = { ...volume, levels: [fine, { ...coarse, originNm: [-400 + 1024, 200, 80] as const }] };
  const range = bricksInView(shifted, 1, view, at([-400 + 1024 + 10, 2000, 100], 1));
  expect(range?.from[0]).toBe(0);
  // Half a voxel beyond a level's own face its first section still shows; a whole voxel beyond, nothing does.
  const deep = { ...volume, levels: [fine, { ...coarse, originNm: [-400, 200, 100] as const }] };
  expect(bricksInView(deep, 1, view, at([3600, 3200, 81], 4))).not.toBeNull();
  expect(bricksInView(deep, 1, view, at([3600, 3200, 59], 4))).toBeNull();
});

test('keys of other channels and times are others', () => {
  const keys = [partOf(0, 0), partOf(1, 0), partOf(0, 1), partOf(11, 1), partOf(1, 11)].map((part) =>
    keyOf([0, 1, 2, 3], part),
  );
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys[0]).toBe('0/1/2/3');
});

test('of a projection only what it lacks is asked for', () => {
  const planned = planBricks({
    volume,
    camera: middle,
    planes: [],
    projectionLevel: 1,
    lacks: ([, x]) => x === 0,
    most: 4096,
  });
  expect(planned.filter(([level]) => level === 1).every(([, x]) => x === 0)).toBe(true);
  expect(planned.filter(([level]) => level === 1)).toHaveLength(6);
});

test('a coarsest level that is too large to pin is asked for where it is in view', () => {
  const [fine] = volume.levels;
  const flat = { ...volume, levels: fine ? [fine] : [] };
  expect(pinnedBricks(volume)).toHaveLength(4);
  expect(pinnedBricks(flat)).toEqual([]);
});
