import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { DrawStats, Projection } from '../../state/view.ts';
import type { Outcome, Request } from './want-list.ts';
import type { PaneId, Plane } from '../../state/volume-geometry.ts';

/** Where the panes look. Everything in nanometres of volume space. */
export interface Camera {
  readonly positionNm: Vec3;
  readonly nmPerPx: number;
  readonly orbit: { readonly yaw: number; readonly pitch: number; readonly zoom: number };
}

/** Which of a volume's pictures is drawn. */
export interface Shown {
  readonly volume: Volume;
  readonly channel: number;
  readonly time: number;
}

/** Bytes that drawing may take. */
export interface Caps {
  readonly memory: number;
  readonly graphics: number;
}

/** Until the window says otherwise. */
export const usualCaps: Caps = { memory: 384e6, graphics: 192e6 };

/** How grey levels become light; the window is in what bricks hold, see `storedWindow`. */
export interface Look {
  readonly window: readonly [number, number];
  readonly gamma: number;
  readonly inverted: boolean;
  readonly projection: Projection;
}

/** A point or a line to draw over the panes. */
export interface Mark {
  readonly pointsNm: readonly Vec3[];
  readonly colour: string;
  readonly selected: boolean;
  /** A line whose second end is not placed yet ends at the pointer. */
  readonly draft: boolean;
}

export interface PaneCanvases {
  readonly image: OffscreenCanvas;
  readonly overlay: OffscreenCanvas;
}

/** To the drawing worker. */
export type ToStage =
  | { readonly t: 'shown'; readonly shown: Shown | null }
  | { readonly t: 'caps'; readonly caps: Caps }
  | { readonly t: 'retry' }
  | { readonly t: 'pane'; readonly pane: PaneId; readonly key: number; readonly canvases: PaneCanvases }
  | {
      readonly t: 'size';
      readonly pane: PaneId;
      readonly key: number;
      readonly width: number;
      readonly height: number;
      readonly ratio: number;
    }
  | { readonly t: 'gone'; readonly pane: PaneId; readonly key: number }
  | { readonly t: 'camera'; readonly camera: Camera }
  | { readonly t: 'look'; readonly look: Look }
  | { readonly t: 'restart' }
  | { readonly t: 'marks'; readonly marks: readonly Mark[] }
  | { readonly t: 'active'; readonly pane: PaneId }
  | { readonly t: 'pointer'; readonly positionNm: Vec3 | null; readonly pane: Plane | null }
  | { readonly t: 'bricks'; readonly lane: number; readonly batch: Uint8Array<ArrayBuffer> }
  | { readonly t: 'over'; readonly lane: number; readonly outcome: Outcome };

/** From the drawing worker. */
export type FromStage =
  | {
      readonly t: 'ask';
      readonly shown: Pick<Shown, 'channel' | 'time'> & { readonly volume: string };
      readonly request: Request;
    }
  | { readonly t: 'abort'; readonly lanes: readonly number[] }
  | { readonly t: 'stats'; readonly stats: DrawStats }
  | { readonly t: 'value'; readonly positionNm: Vec3; readonly value: number | null }
  | { readonly t: 'graphics'; readonly state: 'lost' | 'back' | 'none' };
