import { mapAxes, plainImage, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../formats/volume-format.ts';
import type { Midline } from './sides.ts';

/**
 * Left and right as labels (BrainGlobe's: 1 is left, 2 is right): slabs that meet at the midline, and together are as
 * large as the annotation. Along another axis its voxels are as fine as the annotation's, so that points are led as near.
 */
export function sideVolume(annotation: VolumeLevelPlan, { axis, below }: Midline): OpenVolume {
  const fine = (axis + 1) % 3;
  const size = mapAxes((i) => (i === axis ? 2 : i === fine ? annotation.sizeXyz[i] : 1));
  const level: VolumeLevelPlan = {
    ...{ key: '0', sizeXyz: size, chunkXyz: size, gridXyz: [1, 1, 1], stepXyz: [1, 1, 1] },
    originNm: annotation.originNm,
    voxelSizeNm: mapAxes((i) => (annotation.sizeXyz[i] * annotation.voxelSizeNm[i]) / size[i]),
  };
  // x comes first and fastest: how many voxels follow each other on one side.
  const inRow = axis === 2 ? voxelsIn(size) / 2 : axis === 1 ? size[0] : 1;
  const [low, high] = below === 'left' ? [1, 2] : [2, 1];
  const voxels = Uint8Array.from({ length: voxelsIn(size) }, (_, i) => (Math.floor(i / inRow) % 2 === 0 ? low : high));
  return {
    plan: { ...plainImage, name: 'left and right', kind: 'segmentation', dtype: 'uint8', levels: [level] },
    notes: {},
    locate: () => Promise.resolve({ key: '0', offset: 0, bytes: voxels.byteLength }),
    readChunk: () => Promise.resolve(voxels),
  };
}
