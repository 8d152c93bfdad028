import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  orbitView,
  positionAt,
  projectToOrbit,
  projectToPlane,
  scaleBar,
} from '../../renderer/scene/stage/geometry.ts';
import type { Quaternion } from '../../preload/contract/view-state.ts';
import type { PaneCamera } from '../../renderer/state/view.ts';
import { unit } from '../../renderer/state/rotation.ts';
import type { Plane } from '../../renderer/state/volume-geometry.ts';
import { boundsNm, centreOfVoxelNm, levelForPlane, planeAxes, voxelAt } from '../../renderer/state/volume-geometry.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const finite = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const position = fc.tuple(finite(-1e6, 1e6), finite(-1e6, 1e6), finite(-1e6, 1e6));
const plane = fc.constantFrom<Plane>('xy', 'xz', 'yz');
const size = { width: 640, height: 480 };
const rotation = fc
  .tuple(finite(-1, 1), finite(-1, 1), finite(-1, 1), finite(0.1, 1))
  .map((q): Quaternion => unit(q as unknown as Quaternion));
const camera = fc.record({
  positionNm: position,
  nmPerPx: finite(0.1, 1000),
  rotation,
  orbit: fc.record({
    yaw: finite(-3, 3),
    pitch: finite(-1.5, 1.5),
    roll: finite(-3, 3),
    zoom: finite(0.2, 20),
    centreNm: fc.constant(null),
  }),
}) as fc.Arbitrary<PaneCamera>;

test('the bounds start at the origin voxel and are as large as the volume', () => {
  expect(boundsNm(volume)).toEqual({ min: [-400, 200, 80], max: [7600, 6200, 320] });
});

test('a voxel covers its own centre', () => {
  expect(voxelAt(volume, centreOfVoxelNm(volume, [3, 4, 5]))).toEqual([3, 4, 5]);
});

test('what lies under a pixel is drawn at that pixel', () => {
  fc.assert(
    fc.property(plane, camera, finite(0, 640), finite(0, 480), (pane, view, px, py) => {
      const [x, y, off] = projectToPlane(pane, view, size, positionAt(pane, view, size, px, py));
      expect(x).toBeCloseTo(px, 3);
      expect(y).toBeCloseTo(py, 3);
      expect(Math.abs(off)).toBeLessThan(1e-6 * (1 + view.nmPerPx));
    }),
    { seed: 12 },
  );
});

test('each level is taken while its voxels are no larger than a pixel', () => {
  const levels = [1, 4, 8, 16, 32, 64, 1000].map((nmPerPx) => levelForPlane(volume, planeAxes.xy, nmPerPx));
  expect(levels).toEqual([0, 0, 1, 2, 3, 3, 3]);
});

test('a coarse axis does not keep the other from being drawn coarse', () => {
  expect(levelForPlane(volume, planeAxes.xz, 16)).toBe(2);
});

test('the 3-D view has right angles and keeps the middle in the middle', () => {
  fc.assert(
    fc.property(camera, (view) => {
      const orbit = orbitView(boundsNm(volume), view, size);
      const dot = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
      for (const v of [orbit.right, orbit.down, orbit.forward]) expect(dot(v, v)).toBeCloseTo(1, 9);
      expect(dot(orbit.right, orbit.down)).toBeCloseTo(0, 9);
      expect(dot(orbit.right, orbit.forward)).toBeCloseTo(0, 9);
      expect(dot(orbit.down, orbit.forward)).toBeCloseTo(0, 9);
      expect(projectToOrbit(orbit, size, orbit.centreNm)).toEqual([320, 240]);
    }),
    { seed: 13 },
  );
});

test('a scale bar is a round length of about the width asked for', () => {
  fc.assert(
    fc.property(finite(0.001, 1e6), (nmPerPx) => {
      const { lengthNm, widthPx } = scaleBar(nmPerPx, 110);
      expect(widthPx).toBeGreaterThan(40);
      expect(widthPx).toBeLessThan(110.5);
      expect(['1', '2', '5']).toContain(
        String(Number((lengthNm / 10 ** Math.floor(Math.log10(lengthNm) + 1e-9)).toFixed(6))),
      );
    }),
    { seed: 14 },
  );
});
