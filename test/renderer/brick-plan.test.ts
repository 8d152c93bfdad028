import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levelsFor, pinnedBricks, planNow, targetTails, wholeLevel } from '../../renderer/scene/stage/brick-plan.ts';
import { PlaneCuts } from '../../renderer/scene/stage/plane-cuts.ts';
import { levelForView } from '../../renderer/scene/stage/plane-view.ts';
import { brickKey, pageOf, sourceKey, tailOf } from '../../renderer/scene/stage/sources.ts';
import { gridOf, levelForPlane, planeAxes } from '../../renderer/state/volume-geometry.ts';
import type { Look } from './plane-views.ts';
import { planOf, viewOf } from './plane-views.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const middle: Look = { positionNm: [3600, 3200, 200], nmPerPx: 4 };
const tailsIn = (plan: ReturnType<typeof planNow>): readonly string[] => plan.map(({ address }) => tailOf(address));

test('every brick of a level is listed once', () => {
  expect(new Set(wholeLevel(volume, 1).map(tailOf)).size).toBe(8 * 6);
});

test('a pane asks for the coarsest level, one in between and the right one', () => {
  expect(levelsFor(volume, 0)).toEqual([3, 2, 0]);
  expect(levelsFor(volume, 3)).toEqual([3]);
});

test('a plane along the axes takes the level that its two axes ask for', () => {
  for (const plane of ['xy', 'xz', 'yz'] as const)
    for (const nmPerPx of [1, 3.9, 4, 7.2, 7.3, 8, 16, 29, 30, 32, 64, 1000])
      expect(levelForView(volume, viewOf({ ...middle, plane, nmPerPx }))).toBe(
        levelForPlane(volume, planeAxes[plane], nmPerPx),
      );
});

test('a screen of two pixels to a CSS pixel asks for the level that half the scale does', () => {
  for (const nmPerPx of [1, 4, 7.3, 8, 16, 29, 32, 64]) {
    const fine = levelForView(volume, viewOf({ ...middle, nmPerPx: nmPerPx / 2 }));
    const view = viewOf({ ...middle, nmPerPx });
    expect([levelForView(volume, view, 2), new PlaneCuts(volume, view, 2).target]).toEqual([fine, fine]);
  }
  expect(levelForView(volume, viewOf({ ...middle, nmPerPx: 16 }), 2)).toBe(1);
});

test('coarse bricks come before fine ones, and of a level the middle first', () => {
  const tails = tailsIn(planNow([planOf(volume, middle)], 4096));
  expect(tails[0]?.startsWith('3/')).toBe(true);
  const fine = tails.filter((tail) => tail.startsWith('0/'));
  expect(['0/7/5/0', '0/7/6/0', '0/8/5/0', '0/8/6/0']).toContain(fine[0]);
  expect(tails.findIndex((tail) => tail.startsWith('0/'))).toBeGreaterThan(
    tails.findLastIndex((tail) => tail.startsWith('2/')),
  );
});

test('every source gets its coarsest level before any gets another, and all take turns', () => {
  const other = thinVolume({ id: 'volume-ffffffffffff' });
  const plan = planNow([planOf(volume, middle, [0, 1, 2]), planOf(other, middle)], 4096);
  const levels = plan.map(({ address: [level] }) => level);
  expect(levels).toEqual(levels.toSorted((a, b) => b - a));
  const fine = plan.filter(({ address: [level] }) => level === 0).map(({ source }) => source.key);
  for (let i = 0; i + 4 <= fine.length; i += 4) expect(new Set(fine.slice(i, i + 4)).size).toBe(4);
  expect(new Set(plan.map(({ key }) => key)).size).toBe(plan.length);
});

test('a plan holds all that is in view of the right level, nothing twice and nothing that does not exist', () => {
  const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(
      fc.tuple(number(-2000, 9000), number(-2000, 9000), number(0, 400)),
      number(0.5, 200),
      (positionNm, nmPerPx) => {
        const one = planOf(volume, { positionNm, nmPerPx });
        const planned = planNow([one], 4096);
        const keys = new Set(planned.map(({ key }) => key));
        expect(keys.size).toBe(planned.length);
        for (const { address } of planned) {
          const [level, ...index] = address;
          const found = volume.levels[level];
          const grid = found ? gridOf(found) : [0, 0, 0];
          expect(index.every((i, a) => i >= 0 && i < (grid[a] ?? 0))).toBe(true);
        }
        const source = sourceKey(volume.id, 0, 0);
        for (const tail of targetTails(one)) expect(keys.has(`${source}|${tail}`)).toBe(true);
        for (const brick of wholeLevel(volume, 3)) expect(keys.has(brickKey(source, brick))).toBe(true);
      },
    ),
    { seed: 21 },
  );
});

test('a plan is no longer than asked', () => {
  expect(planNow([planOf(volume, middle)], 15)).toHaveLength(15);
});

test('keys of other channels and times are others, and name their source', () => {
  const sources = [sourceKey('v', 0, 0), sourceKey('v', 1, 0), sourceKey('v', 0, 1), sourceKey('v', 11, 1)];
  const keys = sources.map((source) => brickKey(source, [0, 1, 2, 3]));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.map(pageOf)).toEqual(sources);
});

test('a coarsest level that is too large to pin is asked for where it is in view', () => {
  const [fine] = volume.levels;
  const flat = { ...volume, levels: fine ? [fine] : [] };
  expect(pinnedBricks(volume)).toHaveLength(4);
  expect(pinnedBricks(flat)).toEqual([]);
  expect(pinnedBricks(volume, 1000)).toEqual([]);
});
