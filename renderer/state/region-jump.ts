import type { Region } from '../../preload/contract/atlas.ts';
import { useAtlases, type KnownAtlas } from './atlases.ts';
import { applyMatrix, isVolumeLayer } from './layers.ts';
import { middleOf } from './region-map.ts';
import { mapFor, useRegionMaps } from './region-maps.ts';
import { positionInLayer } from './slice-looks.ts';
import { toast } from './toasts.ts';
import { moveTo } from './view-moves.ts';
import { useView } from './view.ts';

/** Takes the cross-hair to a region, in the first layer of the view that a chain leads from. */
export function goToRegion(atlas: KnownAtlas, region: Region): void {
  const s = useView.getState();
  const maps = useRegionMaps.getState();
  const inOrder = s.layers.toSorted((a, b) => rank(s.selectedLayer, b) - rank(s.selectedLayer, a));
  for (const layer of inOrder) {
    const map = isVolumeLayer(layer) ? mapFor(maps, atlas.id, layer.volume) : null;
    const near = map && positionInLayer(layer, s.positionNm);
    const middle = map && near && middleOf(map, region, near);
    if (middle) return moveTo(applyMatrix(layer.worldFromLayer, middle));
  }
  toast({
    tone: 'info',
    topic: 'no region',
    title: `${region.name || region.acronym} is not in this view`,
    detail:
      region.allVoxels === 0
        ? 'The annotation has no voxel of it, nor of what is inside of it.'
        : 'Show the annotation, or a volume that is registered to the atlas.',
  });
}

/** The same by the atlas and the place in its tree. */
export function goToRegionAt(id: string, at: number): void {
  const atlas = useAtlases.getState().atlases.find((one) => one.id === id);
  const region = atlas?.tree[at];
  if (atlas && region) goToRegion(atlas, region);
}

const rank = (selected: string | null, { id, visible }: { readonly id: string; readonly visible: boolean }): number =>
  (visible ? 2 : 0) + (id === selected ? 1 : 0);
