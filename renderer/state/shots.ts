import { LamellaError } from '../../preload/contract/errors.ts';
import type { PaneSpec, ViewDocument } from '../../preload/contract/view-state.ts';
import type { PaneCamera, PaneSize } from './view.ts';

/** Pictures of panes that are not on the screen, for figures and movies. Whoever draws says how, once it is there. */
export interface ShotRequest {
  readonly pane: PaneSpec;
  readonly camera: PaneCamera;
  /** Pixels of the whole picture; the camera's scale is nm a pixel of it. */
  readonly size: PaneSize;
  /** The part of it that is drawn, at most `mostTilePx` on a side. */
  readonly tile: Tile;
  /** Pixels of the picture for one of the window: lines, points, outlines and squares are so many times as large. */
  readonly magnified: number;
  /** Whether cross-hair, outlines and annotations are drawn over it. */
  readonly overlay: boolean;
  /** Instead of the view that is on the screen. */
  readonly document: ViewDocument | null;
  /** Waits for what its source does not give; else it is left out, and told. */
  readonly whole: boolean;
}

/** What a picture lacks of a layer, in parts: bricks, meshes, skeletons. */
export interface ShotLack {
  readonly layer: string;
  /** On their way. */
  readonly coming: number;
  /** Their source does not answer, or they can't be read. */
  readonly away: number;
  /** Memory does not hold them: what is coarser is drawn instead, or nothing. */
  readonly memory: number;
}

export interface Shot {
  /** The tile's pixels: red green blue alpha, top row first. */
  readonly rgba: Uint8Array<ArrayBuffer>;
  readonly lacks: readonly ShotLack[];
}

/** `done`: the part of the tile that is drawn, 0 to 1. `lacks`: what the next part of it waits for. */
export type OnShot = (done: number, lacks: readonly ShotLack[]) => void;

export interface Tile {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const mostTilePx = 2048;

/** Settles once all that the tile shows was here. */
export type Shoot = (request: ShotRequest, signal: AbortSignal, onShot?: OnShot) => Promise<Shot>;

let registered: Shoot | null = null;

export const registerShoot = (shoot: Shoot): void => {
  registered = shoot;
};

/** Throws 'conflict' where nothing draws, and 'cancelled'. */
export const shoot: Shoot = async (request, signal, onShot) => {
  if (signal.aborted) throw cancelled();
  if (!registered) throw nothingDraws();
  // A movie has thousands of pictures and one signal: none of them stays attached to it.
  const own = new AbortController();
  const stop = (): void => own.abort();
  signal.addEventListener('abort', stop);
  try {
    return await registered(request, own.signal, onShot);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

export const cancelled = (): LamellaError =>
  new LamellaError('cancelled', 'The export was cancelled.', { hint: 'Nothing was written.' });

const nothingDraws = (): LamellaError =>
  new LamellaError('conflict', 'No pane has been drawn yet.', { hint: 'Go to View, then export again.' });

export const noGraphics = (message: string): LamellaError =>
  new LamellaError('conflict', message, { hint: 'Nothing was written. Start Lamella again, then export again.' });

/** The tiles of a picture in rows, top first: all tiles of a row have its height. */
export function tileRows({ width, height }: PaneSize, side = mostTilePx): readonly (readonly Tile[])[] {
  const spans = (length: number): readonly (readonly [number, number])[] =>
    Array.from({ length: Math.ceil(length / side) }, (_, i) => [i * side, Math.min(side, length - i * side)]);
  return spans(height).map(([y, h]) => spans(width).map(([x, w]) => ({ x, y, width: w, height: h })));
}
