import type { Region } from '../../preload/contract/atlas.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { hasItsLabels, type KnownAtlas } from './atlases.ts';
import { isVolumeLayer, type VolumeLayer } from './layers.ts';
import { regionAt, sideAt, type RegionMap, type Side } from './region-map.ts';
import { positionInLayer } from './slice-looks.ts';
import type { ViewState } from './view.ts';

/** The map of an atlas in the space of a volume, where there is one. */
type MapFor = (atlas: string, volume: string) => RegionMap | null;

/** The region of an atlas under a point, as one layer has it. */
export interface RegionReading {
  readonly atlas: KnownAtlas;
  readonly layer: Layer;
  readonly region: Region;
  readonly side: Side | null;
}

/**
 * The regions at a point of the world, of every atlas in every layer that is shown and that a chain of maps leads from: the
 * selected layer first, then from the top. No call is made. Pure.
 */
export function regionsUnder(
  s: ViewState,
  atlases: readonly KnownAtlas[],
  mapFor: MapFor,
  worldNm: Vec3,
): readonly RegionReading[] {
  const shown = s.layers.filter((layer) => layer.visible && isVolumeLayer(layer)) as VolumeLayer[];
  const inOrder = shown
    .toReversed()
    .toSorted((a, b) => Number(b.id === s.selectedLayer) - Number(a.id === s.selectedLayer));
  return atlases.flatMap((atlas) => inOrder.flatMap((layer) => readingOf(s, atlas, layer, mapFor, worldNm) ?? []));
}

function readingOf(
  s: ViewState,
  atlas: KnownAtlas,
  layer: VolumeLayer,
  mapFor: MapFor,
  worldNm: Vec3,
): RegionReading | null {
  const map = mapFor(atlas.id, layer.volume);
  const nm = map ? positionInLayer(layer, worldNm) : null;
  if (!map || !nm) return null;
  const at = (map.level > 0 ? atUnder(s, atlas, layer, worldNm) : null) ?? regionAt(map, nm);
  const region = typeof at === 'number' ? atlas.tree[at] : undefined;
  return region ? { atlas, layer, region, side: sideAt(map, nm) } : null;
}

/** What the layer itself draws there, where it shows the labels of the atlas: finer than a map of a coarse level is. */
function atUnder(s: ViewState, atlas: KnownAtlas, layer: VolumeLayer, worldNm: Vec3): number | null {
  const { cursor } = s;
  if (cursor?.positionNm !== worldNm || !hasItsLabels(atlas, layer.volume, s.volumes)) return null;
  const stored = cursor.readings.find((one) => one.layer === layer.id)?.stored;
  return typeof stored === 'string' ? (atlas.atOf.get(stored) ?? null) : null;
}

/** The first of each atlas. */
export const firstOfEach = (readings: readonly RegionReading[]): readonly RegionReading[] =>
  readings.filter(({ atlas }, i) => readings.findIndex((one) => one.atlas === atlas) === i);
