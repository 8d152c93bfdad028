import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Quaternion } from '../../preload/contract/view-state.ts';
import { along, cutLevel, newIn, rampsOf, rangeOf } from '../../renderer/scene/stage/plane-cuts.ts';
import type { PlaneView } from '../../renderer/scene/stage/plane-view.ts';
import { viewThrough } from '../../renderer/scene/stage/plane-view.ts';
import { applyMatrix } from '../../renderer/state/layers.ts';
import { unit } from '../../renderer/state/rotation.ts';
import { map3 } from '../../renderer/state/volume-geometry.ts';
import { viewOf } from './plane-views.ts';
import { thinVolume } from './volume.ts';

const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const rotation = fc
  .tuple(number(-1, 1), number(-1, 1), number(-1, 1), number(0.05, 1))
  .map((q): Quaternion => unit(q as unknown as Quaternion));

/** Deep enough that planes cut it at any angle. */
const volume = thinVolume({
  levels: [
    { size: [300, 250, 180], brick: [64, 64, 32], voxelSizeNm: [4, 5, 9], originNm: [-400, 200, 80] },
    { size: [150, 125, 180], brick: [64, 64, 64], voxelSizeNm: [8, 10, 9], originNm: [-400, 200, 80] },
  ],
});
const position = fc.tuple(number(-600, 1000), number(0, 1700), number(-100, 1900));
const level = (index: number): Volume['levels'][number] => {
  const found = volume.levels[index];
  if (!found) throw new Error('no such level');
  return found;
};

/** The bricks under a grid of points of the pane, by plain arithmetic. */
function sampled(index: number, view: PlaneView, margin: number): ReadonlyMap<string, readonly [number, number]> {
  const { size, brick, voxelSizeNm, originNm } = level(index);
  const found = new Map<string, readonly [number, number]>();
  for (let y = -view.height / 2 + margin; y <= view.height / 2 - margin; y += 3)
    for (let x = -view.width / 2 + margin; x <= view.width / 2 - margin; x += 3) {
      const voxel = map3(
        (a) => (view.centreNm[a] + x * view.right[a] + y * view.down[a] - originNm[a]) / voxelSizeNm[a],
      );
      if (voxel.some((v, a) => v < 0 || v >= (size[a] ?? 0))) continue;
      found.set([index, ...map3((a) => Math.floor(voxel[a] / brick[a]))].join('/'), [x, y]);
    }
  return found;
}

/** Whether a point lies in a convex polygon, or within `slack` pixels of it. */
function isIn(polygon: readonly number[], [x, y]: readonly [number, number], slack: number): boolean {
  const sides: number[] = [];
  const count = polygon.length / 2;
  for (let i = 0; i < count; i++) {
    const [ax, ay] = [polygon[2 * i] ?? 0, polygon[2 * i + 1] ?? 0];
    const [bx, by] = [polygon[2 * ((i + 1) % count)] ?? 0, polygon[2 * ((i + 1) % count) + 1] ?? 0];
    const length = Math.hypot(bx - ax, by - ay);
    if (length > 1e-9) sides.push(((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length);
  }
  return sides.every((side) => side >= -slack) || sides.every((side) => side <= slack);
}

test('at any angle, every brick under a pixel of the pane is cut, where that pixel is', () => {
  fc.assert(
    fc.property(position, rotation, number(2, 12), fc.constantFrom(0, 1), (positionNm, turned, nmPerPx, index) => {
      const view = viewOf({ positionNm, nmPerPx, rotation: turned, size: { width: 200, height: 150 } });
      const cuts = new Map(cutLevel(volume, index, view).map((cut) => [cut.tail, cut.polygon]));
      for (const [tail, point] of sampled(index, view, 0)) {
        const polygon = cuts.get(tail);
        expect(polygon, tail).toBeDefined();
        expect(isIn(polygon ?? [], point, 1e-6), `${tail} at ${point.join()}`).toBe(true);
      }
    }),
    { seed: 31, numRuns: 120 },
  );
});

test('at any angle, no brick is cut that the pane does not reach, and no polygon leaves its brick', () => {
  fc.assert(
    fc.property(position, rotation, number(2, 12), (positionNm, turned, nmPerPx) => {
      const view = viewOf({ positionNm, nmPerPx, rotation: turned, size: { width: 200, height: 150 } });
      const ramps = rampsOf(level(0), view);
      const slack = map3((a) => 0.2 * (Math.abs(ramps?.[a].perX ?? 0) + Math.abs(ramps?.[a].perY ?? 0)));
      for (const { address, polygon } of cutLevel(volume, 0, view)) {
        expect(polygon.length).toBeGreaterThanOrEqual(6);
        for (let i = 0; i < polygon.length; i += 2) {
          const [x, y] = [polygon[i] ?? 0, polygon[i + 1] ?? 0];
          expect(Math.abs(x)).toBeLessThanOrEqual(view.width / 2 + 1.251);
          expect(Math.abs(y)).toBeLessThanOrEqual(view.height / 2 + 1.251);
          for (const a of [0, 1, 2] as const) {
            const voxel = ramps ? along(ramps[a], x, y) : 0;
            const from = address[a + 1] as number;
            expect(voxel).toBeGreaterThanOrEqual(from * level(0).brick[a] - slack[a] - 1e-6);
            expect(voxel).toBeLessThanOrEqual((from + 1) * level(0).brick[a] + slack[a] + 1e-6);
          }
        }
      }
    }),
    { seed: 32, numRuns: 80 },
  );
});

const area = (polygon: readonly number[]): number => {
  let twice = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2)
    twice += (polygon[j] ?? 0) * (polygon[i + 1] ?? 0) - (polygon[i] ?? 0) * (polygon[j + 1] ?? 0);
  return Math.abs(twice) / 2;
};

test('a pane that lies wholly inside is covered without a gap', () => {
  fc.assert(
    fc.property(rotation, (turned) => {
      const view = viewOf({
        positionNm: [200, 825, 890],
        nmPerPx: 2,
        rotation: turned,
        size: { width: 120, height: 90 },
      });
      const sum = cutLevel(volume, 0, view).reduce((total, { polygon }) => total + area(polygon), 0);
      // Bricks overlap by a quarter of a pixel.
      expect(sum).toBeGreaterThan(122 * 92 - 1e-6);
      expect(sum).toBeLessThan(122 * 92 * 1.1);
    }),
    { seed: 33, numRuns: 60 },
  );
});

test('only bricks that a straight pane shows are cut', () => {
  const thin = thinVolume();
  const tails = cutLevel(thin, 0, viewOf({ positionNm: [3600, 3200, 200], nmPerPx: 4 })).map(({ tail }) => tail);
  const expected = [6, 7, 8, 9].flatMap((x) => [4, 5, 6, 7].map((y) => `0/${x}/${y}/0`));
  expect(tails.toSorted()).toEqual(expected.toSorted());
});

test('outside the volume nothing is cut; at its very face the first section still is', () => {
  const thin = thinVolume();
  expect(cutLevel(thin, 0, viewOf({ positionNm: [1e6, 0, 200], nmPerPx: 4 }))).toEqual([]);
  expect(cutLevel(thin, 0, viewOf({ positionNm: [3600, 3200, 1e5], nmPerPx: 4 }))).toEqual([]);
  const [fine, coarse] = thin.levels;
  if (!fine || !coarse) throw new Error('two levels are needed');
  // Half a voxel beyond a level's own face its first section still shows; a whole voxel beyond, nothing does.
  const deep = { ...thin, levels: [fine, { ...coarse, originNm: [-400, 200, 100] as const }] };
  expect(cutLevel(deep, 1, viewOf({ positionNm: [3600, 3200, 81], nmPerPx: 4 }))).not.toEqual([]);
  expect(cutLevel(deep, 1, viewOf({ positionNm: [3600, 3200, 59], nmPerPx: 4 }))).toEqual([]);
});

test('a layer that lies elsewhere is cut where it lies', () => {
  const worldFromLayer = [0.8, -0.6, 0, 300, 0.6, 0.8, 0, -200, 0, 0, 1.5, 40];
  const layerFromWorld = [0.8, 0.6, 0, -120, -0.6, 0.8, 0, 340, 0, 0, 1 / 1.5, -40 / 1.5];
  const at: Vec3 = [200, 825, 890];
  const world = viewOf({ positionNm: applyMatrix(worldFromLayer, at), nmPerPx: 3, size: { width: 100, height: 80 } });
  const view = viewThrough(layerFromWorld, world);
  expect(view.centreNm.every((nm, a) => Math.abs(nm - (at[a] ?? 0)) < 1e-9)).toBe(true);
  const cuts = new Set(cutLevel(volume, 0, view).map(({ tail }) => tail));
  for (const tail of sampled(0, view, 0).keys()) expect(cuts.has(tail)).toBe(true);
});

test('of a straight pane the range is what is cut; of a turned one there is none', () => {
  fc.assert(
    fc.property(position, number(1, 30), fc.constantFrom('xy', 'xz', 'yz'), (positionNm, nmPerPx, plane) => {
      const view = viewOf({ positionNm, nmPerPx, plane, size: { width: 200, height: 150 } });
      const range = rangeOf(volume, 0, view);
      const listed = range && range !== 'turned' ? newIn(0, range, null).map((brick) => brick.join('/')) : [];
      const cut = cutLevel(volume, 0, view).map(({ tail }) => tail);
      expect(listed.toSorted()).toEqual(cut.toSorted());
    }),
    { seed: 34, numRuns: 200 },
  );
  expect(rangeOf(volume, 0, viewOf({ positionNm: [200, 825, 890], nmPerPx: 2, rotation: [0, 0.1, 0, 0.995] }))).toBe(
    'turned',
  );
});

test('what is new in a range is what the other has not', () => {
  const range = { from: [1, 0, 2], to: [3, 2, 4] } as const;
  const before = { from: [2, 1, 0], to: [5, 5, 3] } as const;
  const fresh = newIn(0, range, before);
  expect(fresh).toHaveLength(27 - 2 * 2 * 2);
  expect(fresh).toContainEqual([0, 1, 1, 2]);
  expect(fresh).not.toContainEqual([0, 2, 1, 2]);
});
