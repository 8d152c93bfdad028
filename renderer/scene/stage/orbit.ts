import type { Box3 } from '../../state/volume-geometry.ts';
import type { PaneCamera, PaneSize } from '../../state/view.ts';
import type { SourceBricks } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import type { OrbitView } from './geometry.ts';
import type { Graphics } from './graphics.ts';
import type { LabelTables } from './label-tables.ts';
import type { Picked, StageScene } from './messages.ts';
import type { DrawnLayer } from './scene-layers.ts';
import type { ShapeRoom } from './shapes/shape-room.ts';

/** Between a 3-D pane and what draws its image. */

export interface OrbitScene {
  readonly scene: StageScene;
  /** Layers of voxels that are shown, bottom first. */
  readonly layers: readonly DrawnLayer[];
  readonly camera: PaneCamera;
  /** Of what is drawn: its middle, directions and scale, in CSS pixels. */
  readonly view: OrbitView;
  /** Around all that is shown. */
  readonly boundsNm: Box3;
  /** What is drawn, CSS pixels, and device pixels for each. */
  readonly size: PaneSize;
  readonly ratio: number;
  /** CSS pixels for one of the window: lines and squares are so many times as large. 1 on the screen. */
  readonly magnified: number;
  /** Whether it is a part of a picture: what is at its edge is to look as it does in the whole. */
  readonly isPart: boolean;
  /** From the middle of what is drawn to the upper left corner of the picture that the checkerboard is fixed to. */
  readonly board: readonly [x: number, y: number];
  /** Whether the view was moved in the last moments: then it may be drawn at a lower resolution. */
  readonly moving: boolean;
  readonly store: BrickStore;
  readonly tables: LabelTables;
  /** Meshes and skeletons. */
  readonly shapes?: ShapeRoom;
}

/** What the picture is put on. Device pixels; the picture lies at the lower left of the drawing buffer. */
export interface OrbitSurface {
  readonly deviceWidth: number;
  readonly deviceHeight: number;
  /** Viewport at the lower left of the drawing buffer, of which `rows` from `bottom` on are cleared and drawn. */
  begin(graphics: Graphics, width: number, height: number, bottom: number, rows: number): void;
  /** Shows rows of a picture of full size, counted from its top. */
  show(graphics: Graphics, top: number, rows: number): void;
  /** Shows a smaller picture, stretched. */
  stretch(graphics: Graphics, width: number, height: number): void;
}

/** Draws the image of one 3-D pane. It is made with its graphics, and lost with them. */
export interface OrbitPainter {
  /** What it needs, most wanted first, here or not. */
  wants(graphics: Graphics, orbit: OrbitScene): readonly SourceBricks[];
  /** Layers that are drawn coarser than the pixels ask for, because memory does not hold more. */
  coarse(graphics: Graphics, orbit: OrbitScene): readonly string[];
  /** Draws a picture or a part of one; `fresh`: what it shows has changed. True while there is more to draw. */
  paint(graphics: Graphics, orbit: OrbitScene, surface: OrbitSurface, fresh: boolean): boolean;
  /** Whether the last picture is whole, and at the level that the scale asks for. */
  readonly sharp: boolean;
  /** What lies under a CSS pixel, from the upper left. */
  pick(graphics: Graphics, orbit: OrbitScene, px: number, py: number): Picked | null;
  dispose(): void;
}
