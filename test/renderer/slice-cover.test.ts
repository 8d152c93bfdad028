import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areaOf, PlaneCuts } from '../../renderer/scene/stage/plane-cuts.ts';
import { coverOf } from '../../renderer/scene/stage/slice-cover.ts';
import { unit } from '../../renderer/state/rotation.ts';
import { viewOf } from './plane-views.ts';
import { thinVolume } from './volume.ts';

/** Three levels of bricks that do not end where those of the next do. */
const volume = thinVolume({
  levels: [
    { size: [300, 250, 180], brick: [48, 64, 32], voxelSizeNm: [4, 5, 9], originNm: [-400, 200, 80] },
    { size: [150, 125, 180], brick: [64, 32, 64], voxelSizeNm: [8, 10, 9], originNm: [-400, 200, 80] },
    { size: [75, 63, 90], brick: [64, 64, 64], voxelSizeNm: [16, 20, 18], originNm: [-400, 200, 80] },
  ],
});
const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const views = fc
  .tuple(number(-0.7, 0.7), number(-0.7, 0.7), number(-0.7, 0.7), number(0.3, 1))
  .map(([x, y, z, w]) =>
    viewOf({ positionNm: [200, 825, 890], nmPerPx: 4, rotation: unit([x, y, z, w]), size: { width: 120, height: 90 } }),
  );

/** Whether a brick is here is a matter of its name. */
const isHere = (tail: string, seed: number, share: number): boolean => {
  let hash = seed;
  for (const letter of tail) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return (hash % 1000) / 1000 < share;
};

test('whatever is here, each place of the pane is drawn once, of the finest level that has it', () => {
  fc.assert(
    fc.property(views, fc.nat(1e6), number(0, 1), (view, seed, share) => {
      const cuts = new PlaneCuts(volume, view);
      const find = (tail: string): string | undefined =>
        tail.startsWith('2/') || isHere(tail, seed, share) ? tail : undefined;
      const { levels, sharp, blank } = coverOf(cuts, find);
      const whole = cuts.of(cuts.target).reduce((sum, { polygon }) => sum + areaOf(polygon), 0);
      const drawn = levels.flatMap(({ parts }) => parts);
      const sum = drawn.reduce((area, { cut }) => area + areaOf(cut.polygon), 0);
      expect(blank).toBe(false);
      expect(sharp).toBe(cuts.of(cuts.target).every(({ tail }) => find(tail) !== undefined));
      // Bricks reach over their faces by an eighth of a pixel.
      expect(sum).toBeGreaterThan(0.999 * whole);
      expect(sum).toBeLessThan(1.1 * whole);
      for (const { level, parts } of levels)
        for (const { cut } of parts) expect(find(cut.tail), `${level}`).toBe(cut.tail);
    }),
    { seed: 41, numRuns: 200 },
  );
});

test('where nothing is here it is blank; where all is here the right level alone is drawn', () => {
  const cuts = new PlaneCuts(volume, viewOf({ positionNm: [200, 825, 890], nmPerPx: 4 }));
  expect(coverOf(cuts, () => undefined)).toEqual({ levels: [], sharp: false, blank: true });
  const all = coverOf(cuts, (tail) => tail);
  expect(all.levels.map(({ level }) => level)).toEqual([cuts.target]);
  expect([all.sharp, all.blank]).toEqual([true, false]);
});

test('a coarser level that ends short leaves the rest to the next', () => {
  const [fine, , coarse] = volume.levels;
  if (!fine || !coarse) throw new Error('no such level');
  const cropped = { ...fine, size: [80, 60, 180], voxelSizeNm: [8, 10, 9] } as const;
  const short = { ...volume, levels: [fine, { ...cropped, brick: [64, 64, 64] as const }, coarse] };
  const cuts = new PlaneCuts(short, viewOf({ positionNm: [200, 825, 890], nmPerPx: 4 }));
  expect(cuts.target).toBe(0);
  const { levels, blank } = coverOf(cuts, (tail) => (tail.startsWith('0/') ? undefined : tail));
  expect(levels.map(({ level }) => level)).toEqual([1, 2]);
  expect(blank).toBe(false);
});
