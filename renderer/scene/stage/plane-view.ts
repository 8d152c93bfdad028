import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Matrix34 } from '../../../preload/contract/view-state.ts';
import { applyMatrix } from '../../state/layers.ts';
import { cross, frameOf, normalised, plus } from '../../state/rotation.ts';
import type { PaneCamera, PaneSize } from '../../state/view.ts';
import type { Plane } from '../../state/volume-geometry.ts';
import { levelNearest, map3 } from '../../state/volume-geometry.ts';

/** A slice pane as a piece of a plane, in the world or in the space of a layer. Pixels are CSS pixels. */
export interface PlaneView {
  /** Under the middle of the pane. */
  readonly centreNm: Vec3;
  /** Nanometres for one pixel to the right, and downwards; in a layer's space of any length, at any angle. */
  readonly right: Vec3;
  readonly down: Vec3;
  readonly width: number;
  readonly height: number;
}

/** The part of a picture that is drawn, in its pixels. */
export interface Tile extends PaneSize {
  readonly x: number;
  readonly y: number;
}

export const wholeOf = ({ width, height }: PaneSize): Tile => ({ x: 0, y: 0, width, height });

export const around = ({ x, y, width, height }: Tile, px: number): Tile => ({
  x: x - px,
  y: y - px,
  width: width + 2 * px,
  height: height + 2 * px,
});

const times = (v: Vec3, by: number): Vec3 => [v[0] * by, v[1] * by, v[2] * by];

/** What a tile of a slice pane of `size` shows. */
export function planeViewOf(plane: Plane, camera: PaneCamera, size: PaneSize, tile = wholeOf(size)): PlaneView {
  const frame = frameOf(plane, camera.rotation);
  const [right, down] = [times(frame.right, camera.nmPerPx), times(frame.down, camera.nmPerPx)];
  const offX = tile.x + tile.width / 2 - size.width / 2;
  const offY = tile.y + tile.height / 2 - size.height / 2;
  const centreNm = plus(plus(camera.positionNm, right, offX), down, offY);
  return { centreNm, right, down, width: tile.width, height: tile.height };
}

/** A direction through an affine map. */
export function turnThrough(m: Matrix34 | null, v: Vec3): Vec3 {
  if (!m) return v;
  return map3((r) => (m[4 * r] ?? 0) * v[0] + (m[4 * r + 1] ?? 0) * v[1] + (m[4 * r + 2] ?? 0) * v[2]);
}

/** The same piece of plane in the space of a layer. */
export function viewThrough(layerFromWorld: Matrix34 | null, view: PlaneView): PlaneView {
  if (!layerFromWorld) return view;
  return {
    ...view,
    centreNm: applyMatrix(layerFromWorld, view.centreNm),
    right: turnThrough(layerFromWorld, view.right),
    down: turnThrough(layerFromWorld, view.down),
  };
}

/** The unit normal of the plane in its own space. */
export const normalOf = ({ right, down }: PlaneView): Vec3 => normalised(cross(normalised(right), normalised(down)));

/** The way through one voxel of a level along a direction. */
export const lengthAlong = (sidesNm: Vec3, direction: Vec3): number =>
  1 / Math.max(1e-300, Math.hypot(...map3((a) => direction[a] / sidesNm[a])));

/** The level whose voxels are nearest to the pixels of the screen, `ratio` of them to a CSS pixel. */
export function levelForView(volume: Volume, { right, down }: PlaneView, ratio = 1): number {
  const units = [right, down].map(normalised);
  return levelNearest(
    volume,
    ({ voxelSizeNm }) => units.map((unit) => lengthAlong(voxelSizeNm, unit)),
    [right, down].map((step) => Math.hypot(...step) / ratio),
  );
}
