import type { Vec3 } from '../../../preload/contract/space.ts';
import { applyMatrix } from '../../state/layers.ts';
import type { LayerReading } from '../../state/view.ts';
import { isInVolume, map3 } from '../../state/volume-geometry.ts';
import type { BrickStore, StoredValue } from './brick-store.ts';
import { valueAt } from './brick-store.ts';
import type { DrawnLayer } from './scene-layers.ts';
import type { Source } from './sources.ts';
import { kindOf } from './sources.ts';

/** What every layer that is shown has at a position, the top one first. Layers that end before it are left out. */
export function readingsAt(
  layers: readonly DrawnLayer[],
  store: BrickStore,
  positionNm: Vec3,
): readonly LayerReading[] {
  return layers.toReversed().flatMap(({ layer, place, source }): LayerReading[] => {
    const at = applyMatrix(place.layerFromWorld, positionNm);
    if (!isInVolume(place.volume, at)) return [];
    return [{ layer: layer.id, stored: storedAt(store, source, at), exact: null }];
  });
}

/** The stored value of the finest voxel at a position (of the layer's space) that is in memory. */
function storedAt(store: BrickStore, source: Source, atNm: Vec3): StoredValue | null {
  const kind = kindOf(source.volume);
  for (const [index, level] of source.volume.levels.entries()) {
    const voxel = map3((a) => Math.floor((atNm[a] - level.originNm[a]) / level.voxelSizeNm[a] + 1e-6));
    const value = valueAt(store, source, kind, index, voxel);
    if (value !== null) return value;
  }
  return null;
}
