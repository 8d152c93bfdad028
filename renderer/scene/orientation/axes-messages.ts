import type { Vec3 } from '../../../preload/contract/space.ts';

/** Screen directions of a 3-D pane in volume space, unit vectors. */
export interface ScreenAxes {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
}

/** To the worker that draws the axes; the first of a canvas is its `canvas`. */
export type AxesMessage =
  | {
      readonly t: 'canvas';
      readonly id: number;
      readonly canvas: OffscreenCanvas;
      /** CSS pixels of a side. */
      readonly sidePx: number;
      /** Device pixels for each CSS pixel. */
      readonly ratio: number;
    }
  | { readonly t: 'turn'; readonly id: number; readonly screen: ScreenAxes }
  | { readonly t: 'gone'; readonly id: number };
