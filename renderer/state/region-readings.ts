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
 * The regions at a point of the world, of every atlas in every layer that is shown and that a chain of maps leads from: what
 * was hit in a 3-D pane first, then the selected layer, then from the top. No call is made. Pure.
 */
export function regionsUnder(
  s: ViewState,
  atlases: readonly KnownAtlas[],
  mapFor: MapFor,
  worldNm: Vec3,
): readonly RegionReading[] {
  const shown = s.layers.filter((layer) => layer.visible && isVolumeLayer(layer)) as VolumeLayer[];
  const hit = hitAt(s, worldNm);
  const rank = ({ id }: Layer): number => (id === hit?.layer.id ? 2 : Number(id === s.selectedLayer));
  const inOrder = shown.toReversed().toSorted((a, b) => rank(b) - rank(a));
  return atlases.flatMap((atlas) => {
    const named = hit && readingOfHit(s, atlas, hit, mapFor, worldNm);
    const others = inOrder.filter((layer) => layer !== named?.layer);
    return [...(named ? [named] : []), ...others.flatMap((layer) => readingOf(s, atlas, layer, mapFor, worldNm) ?? [])];
  });
}

interface Hit {
  readonly layer: Layer;
  readonly key: string | null;
}

/** What the pointer is on in a 3-D pane, where the point is its own. */
function hitAt({ cursor, layers }: ViewState, worldNm: Vec3): Hit | null {
  const hit = cursor?.positionNm === worldNm ? cursor.hit : undefined;
  const layer = layers.find(({ id }) => id === hit?.layer);
  return hit && layer ? { layer, key: hit.key } : null;
}

/** The region whose label or mesh was hit: the surface of a mesh lies between regions, where a map may have either. */
function readingOfHit(
  s: ViewState,
  atlas: KnownAtlas,
  { layer, key }: Hit,
  mapFor: MapFor,
  worldNm: Vec3,
): RegionReading | null {
  const labels = layer.type === 'mesh' ? s.layers.find(({ id }) => id === layer.follows) : layer;
  if (key === null || labels?.type !== 'segmentation' || !hasItsLabels(atlas, labels.volume, s.volumes)) return null;
  const region = atlas.tree[atlas.atOf.get(key) ?? -1];
  const map = mapFor(atlas.id, labels.volume);
  const nm = positionInLayer(labels, worldNm);
  return region ? { atlas, layer: labels, region, side: map && nm && sideAt(map, nm) } : null;
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
