import type { Vec3 } from '../../preload/contract/space.ts';
import { applyMatrix, volumeOf } from './layers.ts';
import { positionInLayer } from './slice-looks.ts';
import type { ViewState } from './view.ts';
import { volumeInView, volumeLayerInView } from './view.ts';
import { centreOfVoxelNm, map3, voxelAt } from './volume-geometry.ts';

/** Voxels of the layer that tools work on, where the layer is placed: its own map counts. */

/** The voxel that covers a position of the world; null where there is no volume, or its layer is flat. May lie outside. */
export function voxelInView(s: ViewState, worldNm: Vec3): Vec3 | null {
  const layer = volumeLayerInView(s);
  const volume = layer && volumeOf(layer, s);
  const inLayer = layer && positionInLayer(layer, worldNm);
  return volume && inLayer && voxelAt(volume, inLayer);
}

/** Whether a voxel is one of the volume that tools work on. */
export function isVoxelThere(s: ViewState, voxel: Vec3): boolean {
  const size = volumeInView(s)?.levels[0]?.size;
  return size !== undefined && ([0, 1, 2] as const).every((a) => voxel[a] >= 0 && voxel[a] < size[a]);
}

/** Where the middle of a voxel lies in the world; null where there is no volume. */
export function worldOfVoxel(s: ViewState, voxel: Vec3): Vec3 | null {
  const layer = volumeLayerInView(s);
  const volume = layer && volumeOf(layer, s);
  return volume && applyMatrix(layer.worldFromLayer, centreOfVoxelNm(volume, voxel));
}

/** How far it is through one voxel of level 0 along a direction of the world, of length 1, nm; null where there is none. */
export function voxelStepNm(s: ViewState, direction: Vec3): number | null {
  const layer = volumeLayerInView(s);
  const sizes = layer && volumeOf(layer, s)?.levels[0]?.voxelSizeNm;
  const [to, from] = layer ? [positionInLayer(layer, direction), positionInLayer(layer, [0, 0, 0])] : [];
  return sizes && to && from ? 1 / Math.hypot(...map3((a) => (to[a] - from[a]) / sizes[a])) : null;
}
