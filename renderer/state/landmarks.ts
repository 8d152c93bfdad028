import { create } from 'zustand';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Matrix34 } from '../../preload/contract/view-state.ts';
import type { Landmark, Warp } from '../../preload/contract/warp.ts';
import type { End, FitAnswer, LandmarkStep } from './landmark-pairs.ts';
import { alignmentOf, byHand, noLandmarks } from './landmark-pairs.ts';
import type { VolumeLayer } from './layers.ts';
import { applyMatrix, invertMatrix, isVolumeLayer } from './layers.ts';
import { useView } from './view.ts';
import { useWarps, warpOf } from './warps.ts';

/** The landmarks of a layer: as the library has them, and as they are being placed. */

/** A layer, and the pairs that say where it belongs. */
export interface Alignment {
  readonly layer: string;
  /** The volume that is aligned. */
  readonly source: string;
  /** Where its dataset places it in the world, and so the result. */
  readonly worldFromResult: Matrix34 | null;
  /** What had been done to its layer by hand before it was aligned. */
  readonly before: Matrix34 | null;
  /** The warped volume that keeps the pairs; null until the first is placed. */
  readonly warp: string | null;
  readonly step: LandmarkStep;
}

export interface Begun {
  /** As landmarks are kept. */
  readonly source: Vec3;
  /** Where in the picture it was placed. */
  readonly atNm: Vec3;
}

interface LandmarkState {
  /** Whether clicks in slices place landmarks. */
  readonly active: boolean;
  readonly alignment: Alignment | null;
  /** The moving end of a pair whose fixed end is not placed yet. */
  readonly begun: Begun | null;
  readonly selected: string | null;
  /** An end that is dragged, and where in the world it is. */
  readonly drag: { readonly id: string; readonly end: End; readonly nm: Vec3 } | null;
  /** Where the moving ends lie in the picture as it is drawn, by the pair; null where the map leads nowhere. */
  readonly movedNm: Readonly<Record<string, Vec3 | null>>;
  readonly answer: FitAnswer | null;
  /** Why the pairs make no map, in the engine's words. */
  readonly problem: string | null;
  /** Changes on their way to the engine. */
  readonly saving: number;
}

const idle: LandmarkState = {
  active: false,
  alignment: null,
  begun: null,
  selected: null,
  drag: null,
  movedNm: {},
  answer: null,
  problem: null,
  saving: 0,
};

export const useLandmarks = create<LandmarkState>(() => idle);
export const setLandmarks = useLandmarks.setState;
export const landmarksNow = useLandmarks.getState;

export const pairsOf = ({ alignment }: Pick<LandmarkState, 'alignment'>): readonly Landmark[] =>
  alignment?.step.landmarks ?? noPairs;
const noPairs: readonly Landmark[] = [];

/** A layer of voxels by its id. */
export function volumeLayer(id: string | null | undefined): VolumeLayer | null {
  const layer = useView.getState().layers.find((one) => one.id === id);
  return layer && isVolumeLayer(layer) ? layer : null;
}

/** Whether a layer is drawn through its landmarks now, and not as it was before. */
export function isDrawnWarped({ layer, warp }: Alignment): boolean {
  return warp !== null && volumeLayer(layer)?.volume === warp;
}

/** The alignment that a layer is drawn through, as the library has it; null for any other layer. */
export function alignmentOfLayer(layer: VolumeLayer | null): Alignment | null {
  const warp = layer && warpOf(layer.volume);
  const kept = warp && alignmentOf(warp);
  return kept ? { layer: layer.id, ...ofWarp(warp), ...kept } : null;
}

const ofWarp = ({ volume: warp, source }: Warp) => ({ warp, source, worldFromResult: placeOfVolume(source) });

const placeOfVolume = (volume: string): Matrix34 | null =>
  useView.getState().volumes.find(({ id }) => id === volume)?.worldFromVolume ?? null;

/**
 * What aligning a layer begins with: the pairs that it is drawn through; else those of its volume that no other layer
 * shows, so that who went back to "before" finds them; else none.
 */
export function beginAlignment(layer: VolumeLayer): Alignment {
  const own = alignmentOfLayer(layer);
  if (own) return own;
  const shown = new Set(useView.getState().layers.map((one) => (isVolumeLayer(one) ? one.volume : '')));
  for (const warp of useWarps.getState().warps) {
    const kept = warp.source === layer.volume && !shown.has(warp.volume) ? alignmentOf(warp) : null;
    if (kept) return { layer: layer.id, ...ofWarp(warp), ...kept };
  }
  const worldFromResult = placeOfVolume(layer.volume);
  const before = byHand(worldFromResult, layer.worldFromLayer);
  return { layer: layer.id, source: layer.volume, worldFromResult, before, warp: null, step: noLandmarks };
}

/** Forgets what belongs to one alignment, and takes up another, or none. */
export function adoptAlignment(alignment: Alignment | null): void {
  const { active, saving } = landmarksNow();
  setLandmarks({ ...idle, active: active && alignment !== null, saving, alignment });
}

/** From where the layer lay before to the picture, where it is drawn so. */
function fromBefore({ before }: Alignment, layer: VolumeLayer, nm: Vec3): Vec3 {
  const inverse = before && invertMatrix(before);
  return applyMatrix(layer.worldFromLayer, applyMatrix(inverse, nm));
}

const inWorld = ({ worldFromResult }: Alignment, nm: Vec3 | null): Vec3 | null =>
  nm && applyMatrix(worldFromResult, nm);

/** Where the ends of a pair lie in the picture as it is drawn; null for an end that is nowhere. */
export function endsInWorld(alignment: Alignment, id: string): Readonly<Record<End, Vec3 | null>> {
  const pair = alignment.step.landmarks.find((one) => one.id === id);
  const layer = volumeLayer(alignment.layer);
  if (!pair || !layer) return { source: null, target: null };
  if (!isDrawnWarped(alignment))
    return {
      source: pair.source && fromBefore(alignment, layer, pair.source),
      target: inWorld(alignment, pair.target),
    };
  const own = (nm: Vec3 | null): Vec3 | null => nm && applyMatrix(layer.worldFromLayer, nm);
  return { source: own(landmarksNow().movedNm[id] ?? null), target: own(pair.target) };
}

/** Where a moving end that waits for its fixed end lies in the picture. */
export function beginsInWorld(alignment: Alignment, { source, atNm }: Begun): Vec3 | null {
  const layer = volumeLayer(alignment.layer);
  return layer && (isDrawnWarped(alignment) ? atNm : fromBefore(alignment, layer, source));
}
