import type { Volume } from '../../../preload/contract/library.ts';
import type { ShapeSet } from '../../../preload/contract/shape.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Clip, Layer, PaneSpec } from '../../../preload/contract/view-state.ts';
import type { DrawStats, LayerReading, PaneCamera, PaneSize } from '../../state/view.ts';
import type { Shot, ShotLack } from '../../state/shots.ts';
import type { ShapeAnswer, ShapeAsk } from '../../state/shape-messages.ts';
import type { BrickNews } from '../../state/bricks.ts';
import type { Request } from './want-list.ts';

/** What is drawn: layers bottom first, and what they refer to. Windows are in grey values, as the document has them. */
export interface StageScene {
  readonly layers: readonly Layer[];
  /** The layer whose level and arrivals the figures tell. */
  readonly selectedLayer: string | null;
  readonly volumes: readonly Volume[];
  readonly shapes: readonly ShapeSet[];
  readonly time: number;
  /** Times that play next, soonest first: had in memory before they are shown. */
  readonly timesAhead: readonly number[];
  readonly clip: Clip;
  readonly slicesIn3d: boolean;
  readonly crossHair: boolean;
  readonly checkerPx: number;
}

/** Where each pane looks, by its id. All have the same position. */
export type Cameras = Readonly<Record<string, PaneCamera>>;

/** Bytes that drawing may take. */
export interface Caps {
  readonly memory: number;
  readonly graphics: number;
}

/** Until the window says otherwise. */
export const usualCaps: Caps = { memory: 384e6, graphics: 192e6 };

/** A point or a line to draw over the panes, of an annotation layer. */
export interface Mark {
  readonly pointsNm: readonly Vec3[];
  readonly colour: string;
  readonly selected: boolean;
  /** A line whose second end is not placed yet ends at the pointer. */
  readonly draft: boolean;
  /** Of a pair of landmarks: which of its ends are in `pointsNm`, the moving one first. */
  readonly pair?: {
    readonly number: string;
    readonly on: boolean;
    readonly moving: boolean;
    readonly fixed: boolean;
  };
}

export interface PaneCanvases {
  readonly image: OffscreenCanvas;
  readonly overlay: OffscreenCanvas;
}

/** A picture of a pane that is not on the screen: for figures and movies. Waits until all that it shows is here. */
export interface ShotRequest {
  readonly pane: PaneSpec;
  readonly camera: PaneCamera;
  /** Pixels of the whole picture; the camera's scale is nm a pixel of it. */
  readonly size: PaneSize;
  /** The part of it that is drawn, at most 2048 on a side. */
  readonly tile: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Pixels of the picture for one of the window. */
  readonly magnified: number;
  /** Whether cross-hair, outlines and annotations are drawn over it. */
  readonly overlay: boolean;
  /** Instead of what is on the screen. */
  readonly scene: StageScene | null;
  /** Waits for what can't be had now. */
  readonly whole: boolean;
}

/** To the drawing worker. */
export type ToStage =
  /** `cameras`: where they changed with it. */
  | { readonly t: 'scene'; readonly scene: StageScene; readonly cameras: Cameras | null }
  | { readonly t: 'cameras'; readonly cameras: Cameras }
  | { readonly t: 'caps'; readonly caps: Caps }
  | { readonly t: 'retry' }
  | { readonly t: 'pane'; readonly pane: PaneSpec; readonly key: number; readonly canvases: PaneCanvases }
  | {
      readonly t: 'size';
      readonly pane: string;
      readonly key: number;
      readonly width: number;
      readonly height: number;
      readonly ratio: number;
    }
  | { readonly t: 'gone'; readonly pane: string; readonly key: number }
  | { readonly t: 'restart' }
  | { readonly t: 'marks'; readonly marks: readonly Mark[] }
  /** Corners of tiles whose borders are shown, in world nm. */
  | { readonly t: 'tiles'; readonly outlines: ReadonlyArray<readonly Vec3[]> }
  | { readonly t: 'active'; readonly pane: string }
  | { readonly t: 'pointer'; readonly positionNm: Vec3 | null; readonly pane: string | null }
  /** What lies under a point of a 3-D pane. */
  | { readonly t: 'pick'; readonly id: number; readonly pane: string; readonly px: number; readonly py: number }
  | { readonly t: 'shoot'; readonly id: number; readonly shot: ShotRequest }
  | { readonly t: 'shoot-cancel'; readonly id: number }
  /** The line to the engine; null while there is none. */
  | { readonly t: 'engine'; readonly port: MessagePort | null }
  | { readonly t: 'library'; readonly library: string }
  | { readonly t: 'shape'; readonly answer: ShapeAnswer };

/** Which of a volume's pictures bricks are asked of. */
export interface BrickOrigin {
  readonly volume: string;
  readonly channel: number;
  readonly time: number;
}

/** What the engine is asked for, and what it need not send any more. */
export type BrickOrder =
  | { readonly t: 'ask'; readonly origin: BrickOrigin; readonly request: Request }
  | { readonly t: 'abort'; readonly lanes: readonly number[] };

export interface Picked {
  readonly positionNm: Vec3;
  readonly layer: string;
  /** A label or a shape, where that is what was hit. */
  readonly key: string | null;
}

/** From the drawing worker. */
export type FromStage =
  | { readonly t: 'news'; readonly news: BrickNews }
  | { readonly t: 'shape-ask'; readonly ask: ShapeAsk }
  | { readonly t: 'stats'; readonly stats: DrawStats }
  | { readonly t: 'values'; readonly positionNm: Vec3; readonly readings: readonly LayerReading[] }
  | { readonly t: 'picked'; readonly id: number; readonly picked: Picked | null }
  | { readonly t: 'shot'; readonly id: number; readonly shot: Shot }
  | { readonly t: 'shot-goes'; readonly id: number; readonly done: number; readonly lacks: readonly ShotLack[] }
  | { readonly t: 'shot-failed'; readonly id: number; readonly message: string }
  | { readonly t: 'graphics'; readonly state: 'lost' | 'back' | 'none' };
