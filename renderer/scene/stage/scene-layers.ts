import type { Volume } from '../../../preload/contract/library.ts';
import type { Matrix34 } from '../../../preload/contract/view-state.ts';
import type { VolumeLayer } from '../../state/layers.ts';
import { invertMatrix, isVolumeLayer, layerBoundsNm, unionOf } from '../../state/layers.ts';
import type { Box3 } from '../../state/volume-geometry.ts';
import type { LayerLook } from './look.ts';
import { lookOf } from './look.ts';
import type { StageScene } from './messages.ts';
import type { Place, Source } from './sources.ts';
import { sourceOf } from './sources.ts';

/** A layer of voxels that is shown, with all that drawing it takes. */
export interface DrawnLayer {
  readonly layer: VolumeLayer;
  readonly source: Source;
  /** Of the same layer before its time or channel changed: drawn until the new one is here. */
  readonly before: Source | null;
  readonly place: Place;
  readonly look: LayerLook;
}

/** Messages bring copies: a volume whose voxels are the same stays the same object, so that what is known of it holds. */
export class VolumeShelf {
  #known = new Map<string, { readonly text: string; readonly volume: Volume }>();

  /** The volumes of a scene; `changed`: those that have other voxels than before under the same id. */
  adopt(volumes: readonly Volume[]): {
    readonly volumes: ReadonlyMap<string, Volume>;
    readonly changed: readonly string[];
  } {
    const next = new Map<string, { readonly text: string; readonly volume: Volume }>();
    const changed: string[] = [];
    for (const volume of volumes) {
      const before = this.#known.get(volume.id);
      const { levels, display, channels, times, source, warp } = volume;
      const text = JSON.stringify([levels, display, channels.length, times, source.text, warp?.stamp]);
      if (before && before.text !== text) changed.push(volume.id);
      next.set(volume.id, before?.text === text ? before : { text, volume });
    }
    // Hidden volumes are not sent, and keep what they have.
    for (const [id, entry] of this.#known) if (!next.has(id)) next.set(id, entry);
    this.#known = next;
    return { volumes: new Map([...next].map(([id, { volume }]) => [id, volume])), changed };
  }
}

/** The time of a volume at a time of the view: a volume with fewer keeps its last. */
export const timeOf = (volume: Volume, time: number): number => Math.max(0, Math.min(volume.times - 1, time));

/** The layers of voxels that are shown, bottom first. A layer whose map has no inverse, or without levels, is not. */
export function drawnLayers(
  { layers, time }: StageScene,
  volumes: ReadonlyMap<string, Volume>,
  before: readonly DrawnLayer[],
): readonly DrawnLayer[] {
  return layers.flatMap((layer): DrawnLayer[] => {
    if (!layer.visible || !isVolumeLayer(layer)) return [];
    const volume = volumes.get(layer.volume);
    const place = volume && placeOf(volume, layer.worldFromLayer);
    if (!volume || !place || volume.levels.length === 0) return [];
    const channel = layer.type === 'image' ? layer.channel : 0;
    if (channel >= Math.max(1, volume.channels.length)) return [];
    const source = sourceOf(volume, channel, timeOf(volume, time));
    return [{ layer, source, before: shownBefore(before, layer, source), place, look: lookOf(layer, volume) }];
  });
}

function placeOf(volume: Volume, worldFromLayer: Matrix34 | null): Place | null {
  const layerFromWorld = worldFromLayer && invertMatrix(worldFromLayer);
  if (worldFromLayer && !layerFromWorld) return null;
  return { key: `${volume.id}|${worldFromLayer?.join() ?? ''}`, volume, layerFromWorld };
}

function shownBefore(before: readonly DrawnLayer[], layer: VolumeLayer, source: Source): Source | null {
  const same = before.find((one) => one.layer.id === layer.id && one.source.volume === source.volume);
  if (!same) return null;
  return same.source.key === source.key ? same.before : same.source;
}

/** Around everything of a scene that is shown. */
export function boundsOfScene({ layers, volumes, shapes }: StageScene): Box3 | null {
  const boxes = layers.filter(({ visible }) => visible).map((layer) => layerBoundsNm(layer, { volumes, shapes }));
  return unionOf(boxes.filter((box) => box !== null));
}
