import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alignToLevels,
  chunkExtent,
  chunksOf,
  planVolume,
  voxelsIn,
  type PyramidRequest,
} from '../../main/engine/formats/pyramid.ts';
import type { Vec3 } from '../../preload/contract/space.ts';

const request: PyramidRequest = {
  name: 'v',
  dtype: 'uint8',
  sizeXyz: [1000, 700, 50],
  chunkXyz: [128, 128, 16],
  voxelSizeNm: [4, 4, 40],
  originNm: [0, 0, 0],
};
const sizesOf = (r: PyramidRequest): string[] =>
  planVolume(r).levels.map(({ sizeXyz, voxelSizeNm }) => `${sizeXyz.join('x')} @ ${voxelSizeNm.join('x')}`);

describe('the levels of a volume', () => {
  it('halve in the plane first, and in depth once voxels are near cubes', () => {
    expect(sizesOf(request)).toEqual([
      '1000x700x50 @ 4x4x40',
      '500x350x50 @ 8x8x40',
      '250x175x50 @ 16x16x40',
      '125x88x50 @ 32x32x40',
      '63x44x25 @ 64x64x80',
      '32x22x13 @ 128x128x160',
    ]);
    expect(sizesOf({ ...request, sizeXyz: [100, 100, 50] })).toEqual(['100x100x50 @ 4x4x40']);
    expect(sizesOf({ ...request, sizeXyz: [300, 1, 1], voxelSizeNm: [5, 5, 5] })).toEqual([
      '300x1x1 @ 5x5x5',
      '150x1x1 @ 10x5x5',
      '75x1x1 @ 20x5x5',
    ]);
    expect(sizesOf({ ...request, sizeXyz: [300, 300, 300], voxelSizeNm: [5, 5, 5], chunkXyz: [64, 64, 64] })).toEqual([
      '300x300x300 @ 5x5x5',
      '150x150x150 @ 10x10x10',
      '75x75x75 @ 20x20x20',
      '38x38x38 @ 40x40x40',
    ]);
  });

  it.each([
    [{ sizeXyz: [0, 1, 1] }],
    [{ sizeXyz: [1.5, 1, 1] }],
    [{ chunkXyz: [2 ** 10, 2 ** 10, 2 ** 10] }],
    [{ voxelSizeNm: [4, 4, 0] }],
    [{ originNm: [0, Number.NaN, 0] }],
    [{ sizeXyz: [2 ** 31, 1, 1] }],
  ])('refuse %j', (change) => {
    expect(() => planVolume({ ...request, ...(change as object) })).toThrow(
      expect.objectContaining({ tag: 'invalid-input' }),
    );
  });

  const side = fc.integer({ min: 1, max: 400 });
  const origin = fc.integer({ min: -1000, max: 1000 });
  it('are cut into chunks that cover each voxel once, and align to a common corner', () => {
    fc.assert(
      fc.property(
        fc.tuple(side, side, fc.integer({ min: 1, max: 40 })),
        fc.tuple(origin, origin, origin),
        fc.constantFrom<Vec3>([4, 4, 40], [5, 5, 5], [4, 4, 30]),
        (sizeXyz, minVoxel, voxelSizeNm) => {
          const asked = { ...request, sizeXyz, voxelSizeNm, chunkXyz: [32, 32, 5] as const };
          for (const level of planVolume(asked).levels) {
            const covered = [...chunksOf(level)].reduce((sum, xyz) => sum + voxelsIn(chunkExtent(level, xyz).size), 0);
            expect(covered).toBe(voxelsIn(level.sizeXyz));
          }
          const aligned = alignToLevels(asked, minVoxel);
          const { levels } = planVolume({ ...asked, sizeXyz: aligned.sizeXyz });
          for (const i of [0, 1, 2] as const) {
            const factor = levels.reduce((f, level) => f * level.stepXyz[i], 1);
            expect(Math.abs(aligned.originVoxel[i] % factor)).toBe(0);
            expect(aligned.originVoxel[i] + aligned.sizeXyz[i]).toBe(minVoxel[i] + sizeXyz[i]);
            expect(aligned.originVoxel[i]).toBeLessThanOrEqual(minVoxel[i]);
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });
});
