import type { Vec3 } from '../../../preload/contract/space.ts';
import { orbitAxes, orbitPlace } from '../../state/orbit.ts';
import { dot, frameOf, plus } from '../../state/rotation.ts';
import type { PaneCamera, PaneSize } from '../../state/view.ts';
import type { Box3, Plane } from '../../state/volume-geometry.ts';
import { map3 } from '../../state/volume-geometry.ts';
import type { Tile } from './plane-view.ts';
import { wholeOf } from './plane-view.ts';

/** Panes and nanometres of the world. Pure; pixels are CSS pixels. */

/** The position under a point of a slice pane. */
export function positionAt(plane: Plane, camera: PaneCamera, size: PaneSize, px: number, py: number): Vec3 {
  const { right, down } = frameOf(plane, camera.rotation);
  const across = plus(camera.positionNm, right, (px - size.width / 2) * camera.nmPerPx);
  return plus(across, down, (py - size.height / 2) * camera.nmPerPx);
}

/** Where a position lies in a slice pane, and how far behind the plane it is, nm. */
export function projectToPlane(
  plane: Plane,
  camera: PaneCamera,
  size: PaneSize,
  positionNm: Vec3,
): readonly [px: number, py: number, offNm: number] {
  const { right, down, normal } = frameOf(plane, camera.rotation);
  const from = plus(positionNm, camera.positionNm, -1);
  return [
    dot(from, right) / camera.nmPerPx + size.width / 2,
    dot(from, down) / camera.nmPerPx + size.height / 2,
    dot(from, normal),
  ];
}

/** The 3-D pane's parallel view: unit vectors of the screen in the world, the middle, and the scale. */
export interface OrbitView {
  readonly right: Vec3;
  readonly down: Vec3;
  /** Away from the viewer. */
  readonly forward: Vec3;
  /** Under the middle of what is drawn. */
  readonly centreNm: Vec3;
  readonly nmPerPx: number;
}

/** A parallel projection of what lies in a box, so that a scale bar holds everywhere; of a tile of the picture. */
export function orbitView(box: Box3, { orbit }: PaneCamera, size: PaneSize, tile: Tile = wholeOf(size)): OrbitView {
  const axes = orbitAxes(orbit);
  const { centreNm, nmPerPx } = orbitPlace(box, orbit, size);
  const offX = (tile.x + tile.width / 2 - size.width / 2) * nmPerPx;
  const offY = (tile.y + tile.height / 2 - size.height / 2) * nmPerPx;
  return { ...axes, centreNm: plus(plus(centreNm, axes.right, offX), axes.down, offY), nmPerPx };
}

export function projectToOrbit(view: OrbitView, size: PaneSize, positionNm: Vec3): readonly [px: number, py: number] {
  const d = map3((a) => positionNm[a] - view.centreNm[a]);
  return [dot(d, view.right) / view.nmPerPx + size.width / 2, dot(d, view.down) / view.nmPerPx + size.height / 2];
}

/** A round length for a scale bar of about `targetPx`, and its width in pixels. */
export function scaleBar(nmPerPx: number, targetPx: number): { readonly lengthNm: number; readonly widthPx: number } {
  const wanted = nmPerPx * targetPx;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [5, 2, 1].find((s) => s * power <= wanted) ?? 1;
  const lengthNm = step * power;
  return { lengthNm, widthPx: lengthNm / nmPerPx };
}
