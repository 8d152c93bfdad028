import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bricksInView, keyOf, levelsFor, planBricks, wholeLevel } from '../../renderer/scene/stage/brick-plan.ts';
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
  const keys = wholeLevel(volume, 1).map(keyOf);
  expect(new Set(keys).size).toBe(8 * 6);
});

test('a pane asks for the coarsest level, one in between and the right one', () => {
  expect(levelsFor(volume, 'xy', 4)).toEqual([3, 2, 0]);
  expect(levelsFor(volume, 'xy', 1000)).toEqual([3]);
});

const plan = (camera: Camera, projectionLevel: number | null = null, most = 4096): readonly string[] =>
  planBricks({ volume, camera, planes: [view], projectionLevel, most }).map(keyOf);

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
        const keys = new Set(planned.map(keyOf));
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
