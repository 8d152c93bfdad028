import { create } from 'zustand';
import type { Volume } from '../../preload/contract/library.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type {
  Layer,
  LayerOf,
  Orbit,
  PaneKind,
  PaneSpec,
  Quaternion,
  ViewDocument,
} from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import type { VolumeLayer } from './layers.ts';
import { isVolumeLayer, layerBoundsNm, unionOf, volumeOf } from './layers.ts';
import type { Box3 } from './volume-geometry.ts';

/** What the drawing worker tells of itself. */
export interface DrawStats {
  /** Bricks asked for and not here yet. */
  readonly inFlight: number;
  /**
   * Of all panes together: being drawn; whole, of the levels that their scales ask for; or as whole as they can be, where
   * bricks can't be read or memory doesn't hold them.
   */
  readonly state: 'drawing' | 'sharp' | 'short';
  /** Bricks in memory, and in the textures. */
  readonly memoryBytes: number;
  readonly graphicsBytes: number;
  /** Level drawn in the active slice pane of the selected layer, 0 = full resolution. */
  readonly level: number;
  /** Slices drawn since the view was first shown whole, and those of them with a place where nothing was drawn. */
  readonly frames: number;
  readonly blankFrames: number;
  /** Bricks of the right level that came into view, and those of them that were in memory already. */
  readonly entered: number;
  readonly ready: number;
}

/** What a layer has under the pointer. */
export interface LayerReading {
  readonly layer: string;
  /** As bricks hold it: a stored grey value, or the decimal id of a label; null where it is not here yet. */
  readonly stored: number | string | null;
  /** The value itself, once the pointer has rested where bricks hold something else. */
  readonly exact: string | null;
}

export interface Cursor {
  readonly positionNm: Vec3;
  readonly pane: string;
  /** Top layer first. */
  readonly readings: readonly LayerReading[];
  /** What a ray hit in a 3-D pane; `key`: of a label or a shape. */
  readonly hit?: { readonly layer: string; readonly key: string | null };
}

export type GreyWindow = readonly [number, number];

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

export interface ViewState extends ViewDocument {
  /** Everything of the library that layers may show. */
  readonly volumes: readonly Volume[];
  readonly shapes: readonly ShapeSet[];
  /** CSS pixels of the panes that are shown. */
  readonly paneSizes: Readonly<Record<string, PaneSize>>;
  readonly cursor: Cursor | null;
  readonly stats: DrawStats | null;
  /** Counts the times that the user restarted the graphics. */
  readonly graphicsRun: number;
}

export const useView = create<ViewState>(() => ({
  ...freshDocument,
  volumes: [],
  shapes: [],
  paneSizes: {},
  cursor: null,
  stats: null,
  graphicsRun: 0,
}));

export const setView = (change: Partial<ViewState>): void => useView.setState(change);

/** The document alone: what is kept, sent and shared. */
export function documentOf(state: ViewState): ViewDocument {
  const { volumes: _v, shapes: _s, paneSizes: _p, cursor: _c, stats: _t, graphicsRun: _g, ...document } = state;
  return document;
}

// Layers

export const selectedLayer = (s: Pick<ViewState, 'layers' | 'selectedLayer'>): Layer | null =>
  s.layers.find(({ id }) => id === s.selectedLayer) ?? null;

/**
 * The image or labels that tools work on: the selected layer, else the lowest that is shown, else any. Tiles where there
 * is neither.
 */
export function volumeLayerInView(s: ViewState): VolumeLayer | LayerOf<'mosaic'> | null {
  const known = s.layers.filter((layer) => volumeOf(layer, s));
  const layers = known.filter(isVolumeLayer);
  const one = layers.find(({ id }) => id === s.selectedLayer) ?? layers.find(({ visible }) => visible) ?? layers[0];
  return one ?? known.find((layer) => layer.type === 'mosaic') ?? null;
}

/** The volume that tools work on. */
export function volumeInView(s: ViewState): Volume | null {
  const layer = volumeLayerInView(s);
  return layer && volumeOf(layer, s);
}

/** The image layer that contrast is set of. */
export function imageInView(s: ViewState): LayerOf<'image'> | null {
  const layer = volumeLayerInView(s);
  return layer?.type === 'image' ? layer : null;
}

/** How many times the layers that are shown have. */
export const timesInView = (s: ViewState): number =>
  Math.max(1, ...s.layers.map((layer) => volumeOf(layer, s)?.times ?? 1));

/** Around what is shown, or around all there is; null for an empty view. */
export function boundsInView(s: ViewState): Box3 | null {
  const boundsOf = (layers: readonly Layer[]): Box3 | null =>
    unionOf(layers.map((layer) => layerBoundsNm(layer, s)).filter((box) => box !== null));
  return boundsOf(s.layers.filter(({ visible }) => visible)) ?? boundsOf(s.layers);
}

// Panes and cameras

export const paneOf = (s: ViewState, id: string): PaneSpec | null => s.panes.find((pane) => pane.id === id) ?? null;

export const kindOfPane = (s: ViewState, id: string): PaneKind => paneOf(s, id)?.kind ?? 'xy';

/** How a pane looks at the world. */
export interface PaneCamera {
  readonly positionNm: Vec3;
  readonly nmPerPx: number;
  readonly rotation: Quaternion;
  readonly orbit: Orbit;
}

/** The camera of a pane: its group's own, or the view's. */
export function cameraOf(s: ViewState, pane: string): PaneCamera {
  const group = s.groups.find(({ id }) => id === paneOf(s, pane)?.group);
  return {
    positionNm: s.positionNm,
    nmPerPx: group?.nmPerPx ?? s.nmPerPx,
    rotation: group?.rotation ?? s.rotation,
    orbit: group?.orbit ?? s.orbit,
  };
}

/** The slice pane that tools without a pane mean: the active one, else the first. */
export function slicePaneInView(s: ViewState): PaneSpec | null {
  const active = paneOf(s, s.activePane);
  return active && active.kind !== '3d' ? active : (s.panes.find(({ kind }) => kind !== '3d') ?? null);
}
